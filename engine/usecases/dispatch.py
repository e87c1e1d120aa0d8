"""Dispatch: deliver what was announced, outside every transaction, so that no channel can hold up a decision.

1. What is due is claimed for a while, so that two processes don't deliver it both.
2. Each channel is told. One that doesn't answer isn't asked again in this pass; the others are.
3. What came of it is written down. A crash before that repeats a delivery, under the same key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.core.errors import NotDelivered
from engine.core.message import CLAIM_SECONDS, Attempts, Message, Queued, read_queued
from engine.core.moment import seconds_between, shift
from engine.core.untrusted import one_line
from engine.ports import Ledger, Notifier, Transaction
from engine.usecases.announce import OUTBOX

AT_ONCE = 20
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Outbox:
    """How many messages wait, how many of a day were given up, and the age of the oldest that waits, in seconds."""

    waiting: int
    failed: int
    oldest_seconds: int
    last_error: str = ""

    @property
    def sentence(self) -> str:
        """How it stands, in words."""
        waiting = f"{self.waiting} wait, the oldest for {self.oldest_seconds} s" if self.waiting else "none wait"
        return (
            f"{waiting}; {self.failed} were given up, the last one because {self.last_error}"
            if self.failed
            else waiting
        )


def dispatch(ledger: Ledger, notifiers: Sequence[Notifier], *, now: str) -> int:
    """Tell what is due, at most ``AT_ONCE`` messages, and say how many were tried."""
    names = [notifier.name for notifier in notifiers]
    claimed = ledger.run(lambda tx: _claim(tx, names, now))
    silent: set[str] = set()
    for queued in claimed:
        _keep(ledger, _told(queued, notifiers, silent, now), names, now)
    return len(claimed)


def look_at_outbox(ledger: Ledger, *, now: str) -> Outbox:
    """What waits and what was given up of a day's messages."""

    def unit(tx: Transaction) -> Outbox:
        waiting = [read_queued(found) for found in tx.select(OUTBOX, status="waiting")]
        given_up = [read_queued(found) for found in tx.select(OUTBOX, status="failed")]
        failed = [queued for queued in given_up if seconds_between(queued.message.at, now) < DAY_SECONDS]
        oldest = min((queued.message.at for queued in waiting), default=now)
        errors = [attempts.error for queued in failed[-1:] for attempts in queued.channels.values() if attempts.error]
        return Outbox(
            len(waiting), len(failed), max(0, seconds_between(oldest, now)), one_line(errors[0]) if errors else ""
        )

    return ledger.run(unit)


def _claim(tx: Transaction, names: list[str], now: str) -> list[Queued]:
    """What is due and nobody is at; what no channel wants any more is settled on the way."""
    claimed: list[Queued] = []
    for document in tx.select(OUTBOX, status="waiting"):
        queued = read_queued(document)
        if queued.status(names) != "waiting":
            _put(tx, queued, names, now)
        elif queued.claimed_until <= now and any(queued.due(name, now) for name in names):
            claimed.append(replace(queued, claimed_until=shift(now, CLAIM_SECONDS)))
            _put(tx, claimed[-1], names, now)
        if len(claimed) == AT_ONCE:
            break
    return claimed


def _told(queued: Queued, notifiers: Sequence[Notifier], silent: set[str], now: str) -> Queued:
    """Tell each channel that is due; those that fail for now are left alone for the rest of the pass."""
    channels = dict(queued.channels)
    for notifier in notifiers:
        if notifier.name in silent or not queued.due(notifier.name, now):
            continue
        before = channels.get(notifier.name, Attempts())
        after = channels[notifier.name] = _tried(notifier, queued.message, before, now)
        if after.status == "waiting":
            silent.add(notifier.name)
    return replace(queued, channels=channels, claimed_until="")


def _tried(notifier: Notifier, message: Message, before: Attempts, now: str) -> Attempts:
    try:
        notifier.tell(message)
    except NotDelivered as error:
        return before.failed(str(error), now=now, for_good=error.for_good, wait_seconds=error.wait_seconds)
    return before.delivered()


def _keep(ledger: Ledger, told: Queued, names: list[str], now: str) -> None:
    ledger.run(lambda tx: _put(tx, told, names, now))


def _put(tx: Transaction, queued: Queued, names: list[str], now: str) -> None:
    tx.put(OUTBOX, queued.message.key, queued.as_document(), status=queued.status(names), at=now)
