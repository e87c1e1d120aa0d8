"""The queue of looks: asked for in a transaction, taken one by one, and forgotten only when nobody asked again.

A look is kept under its own key, so a thousand deliveries about one pull request are one look at it.
"""

from __future__ import annotations

from dataclasses import replace

from engine.core.delivery import Look, QueuedLook, read_queued_look
from engine.ports import Ledger, Transaction

LOOKS = "looks"
AT_ONCE = 20


def ask_for_look(tx: Transaction, look: Look, *, now: str) -> None:
    """Queue a look, or let the one that is queued stand for this one too."""
    found = tx.find(LOOKS, look.key)
    before = read_queued_look(found) if found else QueuedLook(look)
    if before.given_up:
        before = QueuedLook(look, asked=before.asked)
    tx.put(LOOKS, look.key, before.asked_for(look).as_document(), status="queued", at=now)


def take_looks(ledger: Ledger, *, now: str) -> list[QueuedLook]:
    """What is due, oldest first, at most ``AT_ONCE``; it stays queued until it is said to be done."""

    def unit(tx: Transaction) -> list[QueuedLook]:
        queued = [read_queued_look(found) for found in tx.select(LOOKS, status="queued")]
        return [look for look in queued if look.due <= now][:AT_ONCE]

    return ledger.run(unit)


def looked(ledger: Ledger, taken: QueuedLook, *, now: str) -> None:
    """A look is done; it stays queued where it was asked for again meanwhile."""
    _write(ledger, taken, replace(taken, failures=0, due="", error=""), now)


def look_failed(ledger: Ledger, taken: QueuedLook, error: str, *, now: str, until: str = "") -> None:
    """A look didn't come off: it is tried again later, a bounded number of times."""
    _write(ledger, taken, taken.failed(error, now=now, until=until), now)


def _write(ledger: Ledger, taken: QueuedLook, after: QueuedLook, now: str) -> None:
    def unit(tx: Transaction) -> None:
        found = tx.find(LOOKS, taken.look.key)
        current = read_queued_look(found) if found else taken
        over = after.given_up or (not after.failures and current.asked == taken.asked)
        look = replace(current.look, again=current.look.again and not over)
        document = replace(after, look=look, asked=current.asked).as_document()
        tx.put(LOOKS, taken.look.key, document, status="done" if over else "queued", at=now)

    ledger.run(unit)
