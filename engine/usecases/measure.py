"""Measure: the figures of a span of days, from the ledger; and what responders said, kept with the incident.

Nothing here is seen by policy. What automation may do follows from its own figures alone (:mod:`.autonomy`).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.errors import BadInput
from engine.core.incident import read_incident
from engine.core.kpis import ABOUT, Counted, Kpis, Share, kpis
from engine.core.lifecycle import read_state
from engine.core.moment import shift
from engine.core.record import Entry
from engine.ports import Ledger, Ports, Transaction
from engine.usecases.analyse import find
from engine.usecases.autonomy import JUDGEMENTS, report

FEEDBACK = "feedback"
LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures from ``since`` until ``until``, and how far people agreed with what the gate decided."""

    since: str
    until: str
    kpis: Kpis
    agreement: Share


def measure(ports: Ports, *, days: int, now: str) -> Measured:
    """The figures of the last ``days``, 1 to 400. Raises :class:`BadInput`.

    The agreement is that of the report on autonomy, over its own window.
    """
    if not 0 < days <= LONGEST_DAYS:
        raise BadInput(f"takes 1 to {LONGEST_DAYS}", where="days", remedy="Ask for fewer days")
    since = shift(now, -86_400 * days)
    counted = ports.ledger.run(lambda tx: _counted(tx, since))
    places = [standing.figures for standing in report(ports, now=now)]
    agreement = Share(sum(one.agreed for one in places), sum(one.judged for one in places))
    return Measured(since, now, kpis(counted), agreement)


def _counted(tx: Transaction, since: str) -> Counted:
    incidents = [one for one in map(read_incident, tx.select("incidents")) if one.last_seen >= since]
    proposals = [one for one in map(read_state, tx.select("proposals")) if one.created_at >= since]
    judged = {one.id: bool(said["right"]) for one in proposals if (said := tx.find(JUDGEMENTS, one.id)) is not None}
    words = [(one["about"], bool(one["useful"])) for one in tx.select(FEEDBACK) if one["at"] >= since]
    return Counted(incidents, proposals, judged, words)


def say_whether_useful(ledger: Ledger, incident_id: str, about: str, *, useful: bool, by: str, now: str) -> None:
    """What a responder found of a summary, a recommendation or a hand-over; the last word of each person counts.

    Raises :class:`BadInput`, and :class:`~engine.core.errors.NotFound` for an incident that isn't there.
    """
    if about not in ABOUT:
        raise BadInput("is nothing to be judged", where="about", remedy=f"One of {', '.join(ABOUT)}")

    def unit(tx: Transaction) -> None:
        incident = find(tx, incident_id)
        body = {"incident": incident.id, "about": about, "useful": useful, "by": by, "at": now}
        tx.put(FEEDBACK, f"{incident.id}|{about}|{by}", body, at=now)
        tx.append(Entry("feedback", incident.id, body), at=now)

    ledger.run(unit)


def what_was_said(ledger: Ledger, incident_id: str) -> dict[str, Share]:
    """How many found each thing of one incident useful."""
    found = ledger.run(lambda tx: [one for one in tx.select(FEEDBACK) if one["incident"] == incident_id])
    words = {about: [bool(one["useful"]) for one in found if one["about"] == about] for about in ABOUT}
    return {about: Share(sum(said), len(said)) for about, said in words.items()}
