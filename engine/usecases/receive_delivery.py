"""Receive a delivery: remember its id and queue its looks in one transaction, and answer; nothing is done yet."""

from __future__ import annotations

from engine.core.delivery import Delivery
from engine.ports import Ledger, Transaction
from engine.usecases.queue_looks import ask_for_look

DELIVERIES = "deliveries"


def receive_delivery(ledger: Ledger, delivery: Delivery, *, now: str) -> bool:
    """Queue what a delivery asks for; false when it has come before, and for one that asks for nothing.

    Raises :class:`~engine.core.errors.LedgerUnavailable`, after which the forge may deliver it again.
    """
    key = f"{delivery.forge}|{delivery.id}"

    def unit(tx: Transaction) -> bool:
        if tx.find(DELIVERIES, key) is not None:
            return False
        tx.put(DELIVERIES, key, {"event": delivery.event}, at=now)
        for look in delivery.looks:
            ask_for_look(tx, look, now=now)
        return True

    return bool(delivery.looks) and ledger.run(unit)
