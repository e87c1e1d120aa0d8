"""Observe: signals become incidents, at the owner that is the cause, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.grouping import group
from engine.core.incident import Incident, read_incident
from engine.core.record import Entry
from engine.core.signal import Signal
from engine.ports import Ports, Transaction

DIGESTS_KEPT = 100


def observe(ports: Ports, signals: Sequence[Signal], *, now: str) -> list[Incident]:
    """Fold signals into the open incidents and return those that are new or changed.

    Signals are counted in the record with the digests of the first hundred; what each incident keeps of them is
    bounded.
    """

    return ports.ledger.run(lambda tx: observe_in(ports, tx, signals, now=now))


def observe_in(ports: Ports, tx: Transaction, signals: Sequence[Signal], *, now: str) -> list[Incident]:
    """The same, inside a transaction of the caller's."""
    known = {document["id"]: read_incident(document) for document in tx.select("incidents")}
    after = group(signals, ports.runbooks, tuple(known.values()))
    changed = [incident for incident in after if known.get(incident.id) != incident]
    if signals:
        tx.append(Entry("signals", signals[0].source, _summary(signals)), at=now)
    for incident in changed:
        _store(tx, incident, known.get(incident.id), now)
    return changed


def _summary(signals: Sequence[Signal]) -> dict[str, object]:
    return {"count": len(signals), "digests": [signal.digest for signal in signals[:DIGESTS_KEPT]]}


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
