"""Incidents: the list, and one with all that is known of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from engine.core.handover import handover
from engine.core.incident import read_incident
from engine.core.postmortem import draft
from engine.entrypoints.web.console.page import page_for
from engine.entrypoints.web.console.visitor import Visiting
from engine.entrypoints.web.desk import AtDesk
from engine.usecases.look_up_claims import look_up_claims
from engine.usecases.measure import what_was_said
from engine.usecases.postmortem import know

router = APIRouter()
NEWEST = 200
OVER = "resolved"


@router.get("/incidents")
def get_incidents(
    desk: AtDesk, who: Visiting, request: Request, status: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What is going on, the newest first; what is over below."""
    documents = desk.gate.ports.ledger.run(lambda tx: tx.select("incidents", status=status))
    seen = [one for one in map(read_incident, documents[-NEWEST:]) if who.identity.sees(one.root.namespace)]
    newest = sorted(seen, key=lambda one: one.last_seen, reverse=True)
    going_on = [one for one in newest if one.status != OVER]
    over = [one for one in newest if one.status == OVER]
    return page_for(who, request, "incidents.html", going_on=going_on, over=over)


@router.get("/incidents/{incident_id}")
def get_incident(desk: AtDesk, who: Visiting, request: Request, incident_id: str) -> Response:
    """One incident: timeline, evidence, analysis, options, and what was proposed because of it."""
    known = know(desk.gate.ports, incident_id)
    who.identity.require_namespace(known.incident.root.namespace)
    records = look_up_claims(desk.gate.ports.ledger, known.incident)
    analysis = known.incident.analysis or {}
    said = what_was_said(desk.gate.ports.ledger, known.incident.id)
    shown = {"known": known, "analysis": analysis, "records": records, "said": said}
    return page_for(who, request, "incident.html", **shown)


@router.get("/incidents/{incident_id}/hand-over")
def get_handover(desk: AtDesk, who: Visiting, request: Request, incident_id: str) -> Response:
    """The package for who takes over."""
    known = know(desk.gate.ports, incident_id)
    who.identity.require_namespace(known.incident.root.namespace)
    text, command = handover(known, now=desk.now()), f"penstock incidents hand-over {known.incident.id}"
    shown = {"title": "Hand-over", "incident": known.incident, "text": text, "command": command}
    return page_for(who, request, "document.html", **shown)


@router.get("/incidents/{incident_id}/postmortem")
def get_postmortem(desk: AtDesk, who: Visiting, request: Request, incident_id: str) -> Response:
    """A post-mortem's first draft."""
    known = know(desk.gate.ports, incident_id)
    who.identity.require_namespace(known.incident.root.namespace)
    text, command = draft(known), f"penstock incidents postmortem {known.incident.id}"
    shown = {"title": "Post-mortem draft", "incident": known.incident, "text": text, "command": command}
    return page_for(who, request, "document.html", **shown)
