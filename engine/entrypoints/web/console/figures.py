"""Figures: how well the gate serves people, and one click to say what was useful."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from engine.core.errors import NotPermitted
from engine.entrypoints.web.console.charts import columns
from engine.entrypoints.web.console.page import HEADERS, page_for
from engine.entrypoints.web.console.visitor import SentForm, Visiting
from engine.entrypoints.web.desk import AtDesk
from engine.usecases.analyse import find
from engine.usecases.measure import measure, say_whether_useful

router = APIRouter()
SPANS = (7, 30, 90)


@router.get("/figures")
def get_figures(
    desk: AtDesk, who: Visiting, request: Request, days: Annotated[int, Query(ge=1, le=400)] = 30
) -> Response:
    """The figures of some days; they are of all namespaces, and for who may see all."""
    who.identity.require_namespace("")
    with desk.acting:
        found = measure(desk.gate.ports, days=days, now=desk.now())
    chart = columns(found.kpis.days, until=found.until, count=days)
    latency = desk.meter.latency() if desk.meter else None
    return page_for(who, request, "figures.html", found=found, chart=chart, spans=SPANS, days=days, latency=latency)


@router.post("/incidents/{incident_id}/useful")
def post_useful(desk: AtDesk, form: SentForm, incident_id: str) -> Response:
    """A responder's word on what the gate wrote of an incident."""
    who, ledger = form.visitor.identity, desk.gate.ports.ledger
    if who.kind != "person":
        raise NotPermitted("only a person says what was useful", where="session")
    incident = ledger.run(lambda tx: find(tx, incident_id))
    who.require_namespace(incident.root.namespace)
    useful = form.text("useful") == "yes"
    say_whether_useful(ledger, incident.id, form.text("about"), useful=useful, by=who.id, now=desk.now())
    return RedirectResponse(f"/console/incidents/{incident.id}#useful", status_code=303, headers=HEADERS)
