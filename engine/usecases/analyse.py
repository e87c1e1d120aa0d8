"""Analyse: an analyst fills in hypotheses and options for an incident. It has no way to act.

The analyst is given a brief and nothing else; its answer is held against that brief, and what isn't supported is
refused. Reversibility is filled in here, by the gate, from the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from engine.core.action.catalogue import check, reversibility
from engine.core.analysis import Analysis, Option
from engine.core.brief import Brief, make_brief
from engine.core.correlation import just_before
from engine.core.errors import BadInput, ChangeRefused, NotFound
from engine.core.evidence import Evidence, evidence_of
from engine.core.facts.cluster_view import ClusterView
from engine.core.incident import Incident, analysed, note, read_incident
from engine.core.options import accept_analysis
from engine.core.proposal import ActionRequest, TargetReference
from engine.core.recent_change import RecentChange, changes_nearby, from_commit, rollouts
from engine.core.record import Entry
from engine.ports import Ports, Transaction
from engine.usecases.answer_at_hand import Answers, answer_at_hand
from engine.usecases.declared import declared_context
from engine.usecases.find_source import find_source
from engine.usecases.gather_evidence import Gathering
from engine.usecases.observe_cluster import look
from engine.usecases.situation import merged_for

COMMITS = 10
KEPT = 200


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that an analysis needs of cluster, Git and ledger; what follows takes as long as a model does."""

    brief: Brief
    view: ClusterView
    changes: list[RecentChange]
    incident: Incident
    at_hand: Answers


def analyse(ports: Ports, incident_id: str, *, now: str) -> Incident:
    """The incident with its analysis, stored and recorded. Raises :class:`NotFound`."""
    return conclude(ports, prepare(ports, incident_id, now=now), now=now)


def unanalysed(ports: Ports) -> list[Incident]:
    """Open incidents that nobody has analysed, oldest first."""
    known = ports.ledger.run(lambda tx: [read_incident(found) for found in tx.select("incidents", status="open")])
    return [incident for incident in known if incident.analysis is None]


def prepare(ports: Ports, incident_id: str, *, now: str) -> Prepared:
    """Look at cluster and Git. Raises :class:`NotFound`."""
    view = look(ports.cluster)
    incident, attempts = ports.ledger.run(lambda tx: _load(tx, incident_id))
    changes = [*rollouts(view, incident.root), *_commits(ports, view, incident)]
    runbook = ports.runbooks.get(incident.incident_class)
    changes += changes_nearby(view, incident.root)
    brief = make_brief(incident, runbook, changes=changes, view=view, at=now, attempts=attempts)
    return Prepared(brief, view, changes, incident, answer_at_hand(ports, view, brief))


def conclude(ports: Ports, prepared: Prepared, *, now: str) -> Incident:
    """Ask the analyst, hold its answer against what is known, and store it. No lock of anybody's is needed meanwhile.

    Raises :class:`NotFound` without an analyst, and :class:`~engine.core.errors.AnalysisRefused`.
    """
    incident = prepared.incident
    if ports.analyst is None:
        raise NotFound("no analyst is set up", where=incident.id)
    gathering = Gathering(prepared.brief, ports.evidence, prepared.at_hand)
    answer = ports.analyst.analyse(prepared.brief.as_document(), gathering.gather)
    accepted = _with_reversibility(accept_analysis(answer, gathering.whole()), prepared.view)
    seen = [*(change.evidence for change in just_before(incident, prepared.changes)), *gathering.pieces]
    return ports.ledger.run(lambda tx: _store(tx, incident.id, accepted, seen, gathering.silent, now))


def _load(tx: Transaction, incident_id: str) -> tuple[Incident, int]:
    incident = find(tx, incident_id)
    return incident, len(merged_for(tx, incident))


def find(tx: Transaction, incident_id: str) -> Incident:
    """An incident by its id, or the newest with this key. Raises :class:`NotFound`."""
    documents = [d for d in tx.select("incidents") if incident_id in (d["id"], d["key"])]
    if not documents:
        raise NotFound("no such incident", where=incident_id, remedy="penstock incidents list shows them")
    return read_incident(documents[-1])


def _commits(ports: Ports, view: ClusterView, incident: Incident) -> list[RecentChange]:
    """Commits to the folder that makes the incident's root; none where no folder does."""
    repository, renderer, root = ports.repository, ports.renderer, incident.root
    if repository is None or renderer is None:
        return []
    target = TargetReference(cluster=root.cluster, namespace=root.namespace, kind=root.kind, name=root.name)
    context = declared_context(ports, view, now=incident.last_seen)
    try:
        head = repository.head(ports.branch)
        path = find_source(repository, renderer, head, target, context).facts.path
    except (ChangeRefused, NotFound):
        return []
    return [from_commit(c.id, c.at, c.author, c.subject, path) for c in repository.history(head, path, COMMITS)]


def _with_reversibility(analysis: Analysis, view: ClusterView) -> Analysis:
    return analysis.model_copy(update={"options": [_told(option, view) for option in analysis.options]})


def _told(option: Option, view: ClusterView) -> Option:
    if option.action is None:
        return option
    target = option.action.target
    request = ActionRequest(kind=option.action.kind, target=target, params=option.action.params)
    try:
        facts = reversibility(check(request), view.get(target.kind, target.namespace, target.name))
    except BadInput as misfit:
        return option.model_copy(update={"reversibility": f"not known: {misfit.message}"})
    word = "reversible" if facts.reversible else "can't be undone"
    return option.model_copy(update={"reversibility": f"{word}: {facts.basis}"})


def _store(
    tx: Transaction, incident_id: str, analysis: Analysis, seen: list[Evidence], silent: Mapping[str, str], now: str
) -> Incident:
    """Store the analysis, and the evidence it rests on, beside what an earlier proposal may cite."""
    incident = analysed(find(tx, incident_id), analysis.model_dump(mode="json"), at=now)
    pieces = [asdict(piece) for piece in evidence_of(incident, seen)]
    earlier = (tx.find("evidence", incident.id) or {"pieces": []})["pieces"]
    pieces += [piece for piece in earlier if piece not in pieces][:KEPT]
    for query, why in silent.items():
        incident = note(incident, now, "note", f"evidence {query} couldn't be had: {why}")
    tx.put("evidence", incident.id, {"pieces": pieces}, at=now)
    tx.put("incidents", incident.id, incident.as_document(), status=incident.status, at=now)
    body = {"analyst": analysis.analyst, "analysis": analysis.model_dump(mode="json")}
    tx.append(Entry("analysis", incident.id, body), at=now)
    return incident
