"""``/v1/identities``: who may speak to the gate, and an operator's way to stop one of them at once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from engine.core.identity import Identity
from engine.core.identity_steps import disabled, enabled
from engine.entrypoints.web.desk import AtDesk, Desk, Operator
from engine.entrypoints.web.problem import PROBLEMS
from engine.usecases.keep_identities import Step, Stepped, keep_identities, told

router = APIRouter(prefix="/v1", responses=PROBLEMS)


class IdentityView(BaseModel):
    """An identity without anything of its tokens; times are RFC 3339 or empty."""

    id: str
    kind: str
    roles: list[str]
    owner: str
    purpose: str
    namespaces: list[str]
    kinds: list[str]
    service_account: str
    proposals_an_hour: int
    created_at: str
    expires_at: str
    disabled_at: str
    previous_until: str


@router.get("/identities", summary="List identities")
def get_identities(desk: AtDesk, _: Operator) -> list[IdentityView]:
    """All identities, the disabled and the expired ones too."""
    return [_view(told(one)) for one in desk.identities()]


@router.post("/identities/{identity_id:path}/disable", summary="Disable an identity")
def post_disable(desk: AtDesk, by: Operator, identity_id: str) -> IdentityView:
    """It is good for nothing from now on; no other identity is touched."""
    with desk.acting:
        return _view(kept(desk, disabled(desk.identities(), identity_id, now=desk.now()), identity_id, "disabled", by))


@router.post("/identities/{identity_id:path}/enable", summary="Enable an identity")
def post_enable(desk: AtDesk, by: Operator, identity_id: str) -> IdentityView:
    """It is good again until it expires."""
    with desk.acting:
        return _view(kept(desk, enabled(desk.identities(), identity_id), identity_id, "enabled", by))


def kept(desk: Desk, identities: list[Identity], name: str, step: Step, by: Identity) -> dict[str, Any]:
    """What became of one identity, kept and recorded; as it may be shown."""
    done = Stepped(name, step, by.id, desk.now())
    return told(keep_identities(desk.gate.ports.ledger, identities, desk.keep, done))


def _view(fields: dict[str, Any]) -> IdentityView:
    return IdentityView(**fields)
