"""Openings: how many pull requests the gate set out to open, by the hour, so that a cap needn't count the whole record.

One is noted with the decision that opens it, in the same transaction, so that two decided at once can't both be the
last that fits.
"""

from __future__ import annotations

from engine.core.moment import shift
from engine.ports import Transaction

OPENED = "opened"
HOUR_SECONDS = 3600
_HOUR = len("2026-11-14T03")


def note_opening(tx: Transaction, decision_id: str, *, now: str) -> None:
    """Note that a decision opens a pull request, or updates one."""
    tx.put(OPENED, decision_id, {"at": now}, status=now[:_HOUR], at=now)


def opened_since(tx: Transaction, since: str, now: str) -> int:
    """How many were noted after ``since``, up to ``now``."""
    hours, at = {now[:_HOUR]}, since
    while at < now:
        hours.add(at[:_HOUR])
        at = shift(at, HOUR_SECONDS)
    noted = (str(found["at"]) for hour in sorted(hours) for found in tx.select(OPENED, status=hour))
    return sum(1 for at in noted if since < at <= now)
