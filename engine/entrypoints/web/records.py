"""``/v1/records`` and ``/v1/switch``: the record to read, and the kill switch to read or move."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from engine.core.errors import BadInput
from engine.entrypoints.web.desk import AtDesk, Body, Operator, Reader
from engine.entrypoints.web.problem import PROBLEMS
from engine.usecases.audit import record_document
from engine.usecases.move_switch import MODES, move_switch, read_switch

router = APIRouter(prefix="/v1", responses=PROBLEMS)


class RecordView(BaseModel):
    """One link of the chain."""

    sequence: int
    at: str
    kind: str
    subject: str
    body: dict[str, Any]
    previous: str
    digest: str


class SwitchView(BaseModel):
    """Where the switch stands, and who moved it there, when and why."""

    mode: str
    by: str
    reason: str
    at: str


@router.get("/records", summary="Read the record")
def get_records(
    desk: AtDesk, identity: Reader, kind: str = "", subject: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[RecordView]:
    """The newest records that fit, in order; at most ``limit``. They are of all namespaces, and for who may see all."""
    identity.require_namespace("")
    found = desk.gate.ports.ledger.run(lambda tx: tx.records(kind=kind, subject=subject))
    return [RecordView(**record_document(record)) for record in found[-limit:]]


@router.get("/switch", summary="Read the kill switch")
def get_switch(desk: AtDesk, _: Reader) -> SwitchView:
    """Where it stands."""
    at = read_switch(desk.gate.ports.ledger)
    return SwitchView(mode=at.mode, by=at.by, reason=at.reason, at=at.at)


@router.post("/switch", summary="Move the kill switch")
def post_switch(desk: AtDesk, identity: Operator, body: Body) -> SwitchView:
    """Only a person who is an operator moves it, with a reason."""
    if not isinstance(body, dict) or set(body) != {"mode", "reason"} or body["mode"] not in MODES:
        raise BadInput("takes mode and reason", where="body", remedy=f"mode is {', '.join(MODES)}")
    move_switch(desk.gate.ports.ledger, body["mode"], by=identity.id, reason=str(body["reason"]), at=desk.now())
    return get_switch(desk, identity)
