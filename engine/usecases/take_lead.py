"""Take the lead: of several gates on one ledger, one at a time does what is to be done once.

The lead is a document with an end, so a gate that dies loses it without anybody's help. It saves work and repeated
questions to others; that nothing is done twice is promised by the transactions that write what was done.
"""

from __future__ import annotations

from engine.core.moment import shift
from engine.ports import Ledger, Transaction

COLLECTION, KEY = "lead", "loop"
LEAD_SECONDS = 30


def take_lead(ledger: Ledger, holder: str, *, now: str) -> str:
    """Until when the holder leads, taken or prolonged; empty where another gate does."""

    def unit(tx: Transaction) -> str:
        held = tx.find(COLLECTION, KEY) or {"holder": "", "until": ""}
        if held["holder"] != holder and held["until"] > now:
            return ""
        until = shift(now, LEAD_SECONDS)
        tx.put(COLLECTION, KEY, {"holder": holder, "until": until}, at=now)
        return until

    return ledger.run(unit)


def leave_lead(ledger: Ledger, holder: str, *, now: str) -> None:
    """Let another gate lead at once, where this one does."""

    def unit(tx: Transaction) -> None:
        held = tx.find(COLLECTION, KEY)
        if held and held["holder"] == holder:
            tx.put(COLLECTION, KEY, {"holder": "", "until": ""}, at=now)

    ledger.run(unit)
