"""``/v1/incidents`` and ``/v1/signals``: what was observed, and sending what others observe."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from engine.adapters.signals.kubernetes import topology_of
from engine.adapters.signals.registry import read_signals
from engine.core.incident import Incident, read_incident
from engine.entrypoints.web.desk import AtDesk, Operator, Reader, Signaller
from engine.entrypoints.web.events import Sent
from engine.entrypoints.web.problem import PROBLEMS
from engine.usecases.analyse import find
from engine.usecases.attach import Lead, attach, detach
from engine.usecases.look_up_claims import look_up_claims
from engine.usecases.observe import observe
from engine.usecases.situation import known_evidence

router = APIRouter(prefix="/v1", responses=PROBLEMS)


class EvidenceView(BaseModel):
    """One piece of evidence; ``text`` is what somebody else wrote."""

    id: str
    source: str
    kind: str
    subject: str
    text: str
    at: str


class TrackRecordView(BaseModel):
    """How often claims like one of the analysis, in its order, held before; shown, and never weighed."""

    held: int
    counted: int


class IncidentView(BaseModel):
    """An incident in short; ``incident_class`` is empty for a novel one."""

    id: str
    key: str
    incident_class: str
    novel: bool
    severity: str
    status: str
    occurrences: int
    first_seen: str
    last_seen: str
    commander: str
    channel: str
    ticket: str


class IncidentDetail(IncidentView):
    """An incident with what it rests on and what could be done."""

    timeline: list[dict[str, str]]
    evidence: list[EvidenceView]
    analysis: dict[str, Any] | None
    track_record: list[TrackRecordView]


class LeadBody(BaseModel):
    """Who runs an incident; nobody where all three are empty. ``place``: its id or key, or ``namespace/Kind/name``."""

    model_config = ConfigDict(extra="forbid")

    place: Annotated[str, Field(max_length=1000)]
    commander: Annotated[str, Field(max_length=200)] = ""
    channel: Annotated[str, Field(max_length=200)] = ""
    ticket: Annotated[str, Field(max_length=200)] = ""


class Taken(BaseModel):
    """How many signals were taken, and the incidents they made or changed."""

    signals: int
    incidents: list[IncidentView]


def _short(incident: Incident) -> dict[str, Any]:
    return {name: getattr(incident, name) for name in IncidentView.model_fields}


@router.get("/incidents", summary="List incidents")
def get_incidents(desk: AtDesk, identity: Reader, status: str = "") -> list[IncidentView]:
    """All incidents that the caller may see, or those of one status."""
    documents = desk.gate.ports.ledger.run(lambda tx: tx.select("incidents", status=status))
    known = [read_incident(found) for found in documents]
    return [IncidentView(**_short(incident)) for incident in known if identity.sees(incident.root.namespace)]


@router.post("/incidents/lead", summary="Say who runs an incident")
def post_lead(desk: AtDesk, identity: Operator, body: LeadBody) -> IncidentView:
    """The gate works under the people's incident; where nothing was seen yet at the object, one is opened there."""
    lead = Lead(body.commander, body.channel, body.ticket)
    ports, now = desk.gate.ports, desk.now()
    if lead == Lead():
        found = detach(ports, body.place, by=identity.id, now=now, permit=identity.require_namespace)
    else:
        found = attach(ports, body.place, lead, by=identity.id, now=now, permit=identity.require_namespace)
    return IncidentView(**_short(found))


@router.get("/incidents/{incident_id:path}", summary="Look up an incident")
def get_incident(desk: AtDesk, identity: Reader, incident_id: str) -> IncidentDetail:
    """One incident by id or key, with timeline, evidence and options."""
    incident = desk.gate.ports.ledger.run(lambda tx: find(tx, incident_id))
    identity.require_namespace(incident.root.namespace)
    records = look_up_claims(desk.gate.ports.ledger, incident)
    pieces = desk.gate.ports.ledger.run(lambda tx: known_evidence(tx, incident))
    return IncidentDetail(
        **_short(incident),
        timeline=[asdict(moment) for moment in incident.timeline],
        evidence=[EvidenceView(id=piece.id, **asdict(piece)) for piece in pieces],
        analysis=incident.analysis,
        track_record=[TrackRecordView(held=r.held, counted=r.counted) for r in records.values()],
    )


@router.post("/signals/{source}", summary="Send signals", status_code=202)
def post_signals(desk: AtDesk, _: Signaller, source: str, body: Sent) -> Taken:
    """Take a payload of one source, whole or not at all.

    Sources are ``kubernetes``, ``alertmanager``, ``argocd``, ``cloudevents`` and ``drift``.
    """
    ports = desk.gate.ports
    with desk.acting:
        now = desk.now()
        topology = topology_of(desk.gate.objects(), ports.cluster.name)
        signals = read_signals(source, body, cluster=ports.cluster.name, now=now, topology=topology)
        changed = observe(ports, signals, now=now)
    return Taken(signals=len(signals), incidents=[IncidentView(**_short(incident)) for incident in changed])
