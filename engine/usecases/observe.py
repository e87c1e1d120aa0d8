"""Observe: signals become incidents, at the owner that is the cause, in one transaction.

The record holds what matters: an incident that is new, or that is something else now. What only goes on is counted in
the incident and not in the record, or a cluster with a noisy event would fill it.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.facts.blast import callers
from engine.core.facts.cluster_view import ClusterView
from engine.core.grouping import Dependencies, group
from engine.core.incident import Incident, read_incident
from engine.core.record import Entry
from engine.core.signal import ObjectReference, Signal
from engine.ports import Ports, Transaction
from engine.usecases.observe_cluster import look

DIGESTS_KEPT = 100


def observe(ports: Ports, signals: Sequence[Signal], *, now: str) -> list[Incident]:
    """Fold signals into the open incidents and return those that are new or changed.

    Signals that make a difference are counted in the record with the digests of the first hundred; what each incident
    keeps of them is bounded.
    """

    changed, began = ports.ledger.run(lambda tx: _fold(ports, tx, signals, now))
    return _related(ports, changed, now) if began else changed


def observe_in(ports: Ports, tx: Transaction, signals: Sequence[Signal], *, now: str) -> list[Incident]:
    """The same, inside a transaction of the caller's."""
    return _fold(ports, tx, signals, now)[0]


def _fold(ports: Ports, tx: Transaction, signals: Sequence[Signal], now: str) -> tuple[list[Incident], bool]:
    """What changed, and whether an incident began beside another."""
    known = {document["id"]: read_incident(document) for document in tx.select("incidents")}
    after = group(signals, ports.runbooks, tuple(known.values()))
    changed = [incident for incident in after if known.get(incident.id) != incident]
    if signals and any(_matters(incident, known.get(incident.id)) for incident in changed):
        tx.append(Entry("signals", signals[0].source, _summary(signals)), at=now)
    for incident in changed:
        _store(tx, incident, known.get(incident.id), now)
    live = [incident for incident in after if incident.status != "resolved"]
    return changed, len(live) > 1 and any(incident.id not in known for incident in live)


def _related(ports: Ports, changed: list[Incident], now: str) -> list[Incident]:
    """The same incidents, and those whose workloads call one another named beside each other.

    The cluster is looked at outside of any transaction, and only when an incident began beside another.
    """
    view = look(ports.cluster)

    def unit(tx: Transaction) -> list[Incident]:
        known = {document["id"]: read_incident(document) for document in tx.select("incidents")}
        live = [incident.root for incident in known.values() if incident.status != "resolved"]
        after = group((), ports.runbooks, tuple(known.values()), depends_on=_calling(view, live))
        beside = {incident.id: incident for incident in after if known[incident.id] != incident}
        for incident in beside.values():
            _store(tx, incident, known[incident.id], now)
        told = {incident.id: incident for incident in changed}
        return list((told | beside).values())

    return ports.ledger.run(unit)


def _calling(view: ClusterView, roots: Sequence[ObjectReference]) -> Dependencies:
    """Of the workloads at these roots, which call which."""
    called: dict[ObjectReference, frozenset[ObjectReference]] = {}
    for root in roots:
        asked = callers(view, (root.kind, root.namespace, root.name))
        for other in roots:
            if other != root and (other.kind, other.namespace, other.name) in asked:
                called[other] = called.get(other, frozenset()) | {root}
    return called


def _summary(signals: Sequence[Signal]) -> dict[str, object]:
    return {"count": len(signals), "digests": [signal.digest for signal in signals[:DIGESTS_KEPT]]}


def _matters(incident: Incident, before: Incident | None) -> bool:
    """Whether there is more to it than that it goes on."""
    if before is None:
        return True
    return any(
        getattr(before, each) != getattr(incident, each)
        for each in ("status", "incident_class", "severity", "kinds", "members", "cleared", "reopened")
    )


def _store(tx: Transaction, incident: Incident, before: Incident | None, now: str) -> None:
    tx.put("incidents", incident.id, incident.as_document(), status=incident.status, at=now)
    if before is None or (before.status, before.incident_class) != (incident.status, incident.incident_class):
        body = {
            "key": incident.key,
            "class": incident.incident_class,
            "status": incident.status,
            "severity": incident.severity,
            "occurrences": incident.occurrences,
        }
        tx.append(Entry("incident", incident.id, body), at=now)
