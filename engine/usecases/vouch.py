"""Vouch: who sat at the shell when something was said in somebody's name.

A shell proves nobody but its user. Whoever may run the command with this state is an operator of the gate, and answers
for the proposer or reviewer that the command names; the record keeps both names.
"""

from __future__ import annotations

from engine.core.identity import refuse_reserved
from engine.core.record import Entry
from engine.ports import Ledger


def vouch(ledger: Ledger, subject: str, *, by: str, speaks_for: str, now: str) -> None:
    """Record that ``by`` speaks for ``speaks_for`` about ``subject``, before it is acted upon.

    Raises :class:`~engine.core.errors.BadInput` for an identity that is the gate's own.
    """
    refuse_reserved(by, where="identity")
    refuse_reserved(speaks_for, where="proposer")
    body = {"by": by, "speaks_for": speaks_for}
    ledger.run(lambda tx: tx.append(Entry("vouched", subject, body), at=now))
