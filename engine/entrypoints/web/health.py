"""Health and readiness: the process lives, and whether it can decide. They tell the truth, without a token."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Response
from pydantic import BaseModel

from engine import wiring
from engine.core.errors import PenstockError
from engine.core.untrusted import one_line
from engine.entrypoints.web.desk import AtDesk, Desk
from engine.usecases.dispatch import look_at_outbox

router = APIRouter()


class Health(BaseModel):
    """The process answers."""

    status: str = "alive"


class Readiness(BaseModel):
    """Each thing a decision needs, with ``ready`` or what is wrong; ``details`` hinder no decision."""

    ready: bool
    checks: dict[str, str]
    details: dict[str, str]


@router.get("/healthz", summary="Is the process alive")
def healthz() -> Health:
    """Always so when it answers at all."""
    return Health()


@router.get("/readyz", summary="Can it decide", responses={503: {"model": Readiness}})
def readyz(desk: AtDesk, response: Response) -> Readiness:
    """Policy, ledger, switch, runbooks and the loop; beside them forge, notifications and what can't go on."""
    checks = checks_of(desk)
    ready = all(said == "ready" for said in checks.values())
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks, details=_details(desk))


def checks_of(desk: Desk) -> dict[str, str]:
    """Each thing a decision needs, with ``ready`` or what is wrong."""
    ports = desk.gate.ports
    return {
        "policy": _tried(lambda: ports.policy.identity().revision),
        "ledger": _tried(lambda: ports.ledger.run(lambda tx: tx.tip())),
        "switch": _tried(lambda: ports.ledger.run(lambda tx: tx.switch_mode())),
        "runbooks": "ready" if ports.runbooks.runbooks else "none are loaded",
        "loop": desk.pulse.stalled(desk.now()) or "ready",
    }


def _details(desk: Desk) -> dict[str, str]:
    details = {f"trouble: {name}": one_line(said) for name, said in sorted(desk.pulse.troubles.items())}
    leading = "" if desk.pulse.leads else "; another gate leads"
    details["loop"] = f"last did something at {desk.pulse.beat}{leading}" if desk.pulse.beat else "none runs here"
    if desk.gate.settings.forge != "local":
        details["forge"] = f"answered at {desk.pulse.forge}" if desk.pulse.forge else "hasn't answered yet"
    stale = wiring.policy_stale(desk.gate)
    if stale:
        details["policy"] = one_line(f"stale: {stale}")
    if stale := wiring.runbooks_stale(desk.gate):
        details["runbooks"] = one_line(f"stale: {stale}")
    with suppress(PenstockError):
        details["notifications"] = look_at_outbox(desk.gate.ports.ledger, now=desk.now()).sentence
    return details


def _tried(check: object) -> str:
    try:
        check()  # type: ignore[operator]
    except PenstockError as error:
        return error.message
    return "ready"
