"""Admit a question: what nobody asked for in earnest may not fill the record.

Each question is recorded whole, so that its answer can be replayed. So their number is bounded for each identity and
hour; a question over the bound is answered with a refusal of its own and leaves nothing behind.
"""

from __future__ import annotations

from engine.core.errors import TooManyQuestions
from engine.core.moment import seconds_between
from engine.ports import Ledger, Transaction

QUESTIONS = "questions"
MOST_AN_HOUR = 120
HOUR_SECONDS = 3600


def admit_question(ledger: Ledger, identity: str, *, now: str) -> None:
    """Count one question of an identity. Raises :class:`TooManyQuestions` when its hour has no room for it.

    The hour begins with the first question; one count is kept for each identity, whatever was asked.
    """

    def unit(tx: Transaction) -> None:
        counted = tx.find(QUESTIONS, identity) or {"since": now, "count": 0}
        age = seconds_between(counted["since"], now)
        if not 0 <= age < HOUR_SECONDS:
            counted, age = {"since": now, "count": 0}, 0
        if counted["count"] >= MOST_AN_HOUR:
            remedy = f"Ask again in {HOUR_SECONDS - age} seconds, or propose what is meant in earnest"
            raise TooManyQuestions(f"{MOST_AN_HOUR} questions an hour are answered", where=identity, remedy=remedy)
        tx.put(QUESTIONS, identity, {**counted, "count": counted["count"] + 1}, at=now)

    ledger.run(unit)
