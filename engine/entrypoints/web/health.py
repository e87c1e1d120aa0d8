"""Health and readiness: the process lives, and whether it can decide. They tell the truth, without a token."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from engine.core.errors import PenstockError
from engine.entrypoints.web.desk import AtDesk

router = APIRouter()


class Health(BaseModel):
    """The process answers."""

    status: str = "alive"


class Readiness(BaseModel):
    """Each thing a decision needs, with ``ready`` or what is wrong."""

    ready: bool
    checks: dict[str, str]


@router.get("/healthz", summary="Is the process alive")
def healthz() -> Health:
    """Always so when it answers at all."""
    return Health()


@router.get("/readyz", summary="Can it decide", responses={503: {"model": Readiness}})
def readyz(desk: AtDesk, response: Response) -> Readiness:
    """Policy, ledger, switch and runbooks."""
    ports = desk.gate.ports
    checks = {
        "policy": _tried(lambda: ports.policy.identity().revision),
        "ledger": _tried(lambda: ports.ledger.run(lambda tx: tx.tip())),
        "switch": _tried(lambda: ports.ledger.run(lambda tx: tx.switch_mode())),
        "runbooks": "ready" if ports.runbooks.runbooks else "none are loaded",
    }
    ready = all(said == "ready" for said in checks.values())
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks)


def _tried(check: object) -> str:
    try:
        check()  # type: ignore[operator]
    except PenstockError as error:
        return error.message
    return "ready"
