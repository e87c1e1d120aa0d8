"""``/metrics``: the gate's own figures for Prometheus, without a token, like health: nobody is named in them."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Any

from fastapi import APIRouter, Response

from engine.core.decision import PolicyIdentity
from engine.core.errors import NotFound, PenstockError
from engine.core.moment import seconds_between
from engine.entrypoints.web.desk import AtDesk, Desk
from engine.entrypoints.web.health import checks_of
from engine.usecases.dispatch import Outbox, look_at_outbox

SAYS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}

router = APIRouter()
_one_at_a_time = Lock()


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response, responses=SAYS)
def get_metrics(desk: AtDesk) -> Response:
    """Decisions by outcome and rule, what couldn't be decided, time taken, outbox, watch, readiness and policy."""
    if desk.meter is None:
        raise NotFound("nothing is counted here", where="/metrics", remedy="Ask a gate that penstock serve started")
    from engine.adapters.metrics.meter import CONTENT_TYPE, Standing

    now = desk.now()
    outbox = _outbox(desk, now)
    standing = Standing(
        checks={name: said == "ready" for name, said in checks_of(desk).items()},
        policy=_policy(desk),
        waiting=outbox.waiting if outbox else None,
        given_up=outbox.failed if outbox else None,
        oldest_seconds=outbox.oldest_seconds if outbox else None,
        watch_seconds=max(0, seconds_between(desk.pulse.watched, now)) if desk.pulse.watched else None,
        unknown_kinds=desk.pulse.unknown_kinds if desk.pulse.watched else None,
    )
    with _one_at_a_time:
        return Response(desk.meter.expose(standing, monotonic()), media_type=CONTENT_TYPE)


def _outbox(desk: Desk, now: str) -> Outbox | None:
    with suppress(PenstockError):
        return look_at_outbox(desk.gate.ports.ledger, now=now)
    return None


def _policy(desk: Desk) -> PolicyIdentity | None:
    with suppress(PenstockError):
        return desk.gate.ports.policy.identity()
    return None
