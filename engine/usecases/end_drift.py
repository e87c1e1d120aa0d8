"""Drift is over once the cluster is as Git says again, whoever made it so; nobody has to come and say it.

An incident that something else was seen of as well goes on, and so does one whose fix was merged: its verification
says how that ends. What was seen in the cluster before the end may still be drift afterwards, where Git moved instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.core.incident import Incident, read_incident, resolve
from engine.core.lifecycle import FOLLOWED
from engine.core.record import Entry
from engine.core.signal import ObjectReference, Signal
from engine.ports import Ports, Transaction
from engine.usecases.situation import merged_for

DRIFT = ("drift", "Drift")
BECAUSE = "the cluster is as Git says again"


def end_drift(ports: Ports, as_declared: Iterable[ObjectReference], *, now: str) -> list[Incident]:
    """Resolve the drift incidents of objects that are as Git says; gives those that it ended."""
    held = frozenset(as_declared)

    def unit(tx: Transaction) -> list[Incident]:
        known = map(read_incident, tx.select("incidents"))
        return [_ended(tx, one, now) for one in known if one.root in held and _is_over(tx, one)]

    return ports.ledger.run(unit) if held else []


def seen_again(ports: Ports, signals: Sequence[Signal], *, now: str) -> list[Signal]:
    """The signals of drift that goes on after its incident ended, told as of now."""

    def unit(tx: Transaction) -> dict[ObjectReference, str]:
        known = map(read_incident, tx.select("incidents"))
        return {one.root: one.resolved_at for one in known if DRIFT in one.kinds and one.status == "resolved"}

    ended = ports.ledger.run(unit) if signals else {}
    return [replace(one, at=now) if one.at <= ended.get(one.subject, "") else one for one in signals]


def _is_over(tx: Transaction, incident: Incident) -> bool:
    if incident.status == "resolved" or {*incident.kinds} - {*incident.cleared} != {DRIFT}:
        return False
    return all(state.status not in FOLLOWED for state in merged_for(tx, incident))


def _ended(tx: Transaction, incident: Incident, now: str) -> Incident:
    done = resolve(incident, at=now, because=BECAUSE)
    tx.put("incidents", done.id, done.as_document(), status=done.status, at=now)
    tx.append(Entry("status_change", done.id, {"status": "resolved", "note": BECAUSE}), at=now)
    return done
