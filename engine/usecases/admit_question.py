"""Admit what an identity sends: nobody may fill the record, or wear out the people who look at it.

Each question and each proposal is recorded whole, so that its answer can be replayed. So their number is bounded for
each identity and hour; one over the bound is answered with a refusal of its own and leaves nothing behind.
"""

from __future__ import annotations

from engine.core.errors import TooManyProposals, TooManyQuestions
from engine.core.identity import Identity
from engine.core.moment import seconds_between
from engine.ports import Ledger, Transaction

QUESTIONS = "questions"
PROPOSED = "proposed"
MOST_AN_HOUR = 120
HOUR_SECONDS = 3600


def admit_question(ledger: Ledger, identity: str, *, now: str) -> None:
    """Count one question of an identity. Raises :class:`TooManyQuestions` when its hour has no room for it."""
    ledger.run(lambda tx: count_question(tx, identity, now=now))


def count_question(tx: Transaction, identity: str, *, now: str) -> None:
    """The same within a transaction that goes on: what is refused leaves nothing of it behind."""
    left = _count(tx, QUESTIONS, identity, MOST_AN_HOUR, now)
    if left:
        remedy = f"Ask again in {left} seconds, or propose what is meant in earnest"
        raise TooManyQuestions(f"{MOST_AN_HOUR} questions an hour are answered", where=identity, remedy=remedy)


def admit_proposal(ledger: Ledger, identity: Identity, *, now: str) -> None:
    """Count one proposal of an identity. Raises :class:`TooManyProposals` when its own hour has no room for it."""
    most = identity.proposals_an_hour
    left = ledger.run(lambda tx: _count(tx, PROPOSED, identity.id, most, now))
    if left:
        message = f"{identity.id} may propose {most} times an hour"
        raise TooManyProposals(message, where=identity.id, remedy=f"Propose again in {left} seconds")


def _count(tx: Transaction, collection: str, identity: str, most: int, now: str) -> int:
    """Count one more, and return 0; or the seconds until there is room again.

    The hour begins with the first; one count is kept for each identity, whatever was sent.
    """
    counted = tx.find(collection, identity) or {"since": now, "count": 0}
    age = seconds_between(counted["since"], now)
    if not 0 <= age < HOUR_SECONDS:
        counted, age = {"since": now, "count": 0}, 0
    if counted["count"] >= most:
        return HOUR_SECONDS - age
    tx.put(collection, identity, {**counted, "count": counted["count"] + 1}, at=now)
    return 0
