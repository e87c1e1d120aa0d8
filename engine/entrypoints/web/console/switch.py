"""The kill switch: shown to all, moved by a person who is an operator, with a reason."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from engine.core.errors import BadInput
from engine.entrypoints.web.console.page import HEADERS, page_for
from engine.entrypoints.web.console.visitor import OperatorForm, Visiting
from engine.entrypoints.web.desk import AtDesk
from engine.usecases.move_switch import MODES, move_switch, read_switch

router = APIRouter()
MOVES = 20


@router.get("/switch")
def get_switch(desk: AtDesk, who: Visiting, request: Request) -> Response:
    """Where it stands, who moved it there and why, and its last moves."""
    ledger = desk.gate.ports.ledger
    moves = ledger.run(lambda tx: tx.records(kind="switch"))[-MOVES:]
    return page_for(who, request, "switch.html", at=read_switch(ledger), moves=moves[::-1], modes=MODES)


@router.post("/switch")
def post_switch(desk: AtDesk, form: OperatorForm) -> Response:
    """Move it; the record says who and why."""
    mode = form.text("to")
    if mode not in MODES:
        raise BadInput("is no position of the switch", where="to", remedy=f"One of {', '.join(MODES)}")
    by = form.visitor.identity.id
    move_switch(desk.gate.ports.ledger, mode, by=by, reason=form.text("reason"), at=desk.now())
    return RedirectResponse("/console/switch", status_code=303, headers=HEADERS)
