"""Forget: take away what is over and was kept long enough, a bounded number at a time, so that no store grows for ever.

What goes is a memory of having done something: messages that were told or given up, and the ids of webhook deliveries.
A delivery that is sent again after its id is forgotten asks for one more look, which changes nothing by itself. The
record is never shortened.
"""

from __future__ import annotations

from engine.core.moment import shift
from engine.ports import Ledger, Transaction
from engine.usecases.announce import OUTBOX
from engine.usecases.receive_delivery import DELIVERIES

AT_ONCE = 1000
OVER = ((OUTBOX, "delivered"), (OUTBOX, "failed"), (DELIVERIES, ""))


def forget(ledger: Ledger, *, keep_seconds: int, now: str) -> int:
    """Take away at most ``AT_ONCE`` of each kind that nothing has happened to for ``keep_seconds``; how many went.

    Raises :class:`~engine.core.errors.LedgerUnavailable`.
    """
    before = shift(now, -keep_seconds)

    def unit(tx: Transaction) -> int:
        return sum(tx.forget(kind, status=status, before=before, most=AT_ONCE) for kind, status in OVER)

    return ledger.run(unit)
