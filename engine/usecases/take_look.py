"""Take a look: bring the gate's side of one pull request into line with what the forge holds now.

A look at everything becomes a look at each, so that one which fails keeps no other waiting. Trouble of the forge
itself ends the round: the looks stay queued as they were, and whoever runs the round waits before the next.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.core.delivery import Look, QueuedLook
from engine.core.errors import ForgeTrouble, LedgerUnavailable, PenstockError
from engine.core.lifecycle import read_state
from engine.ports import Ports, Transaction
from engine.usecases.queue_looks import ask_for_look, look_failed, looked

Reconcile = Callable[[Ports, Look, str], None]


def take_look(ports: Ports, taken: QueuedLook, reconcile: Reconcile, *, now: str) -> str:
    """Look, and say what went wrong, empty where nothing did.

    Raises :class:`ForgeTrouble` and :class:`LedgerUnavailable`, after which the look is still queued.
    """
    try:
        if taken.look == Look():
            look_at_each(ports, now=now)
        else:
            reconcile(ports, taken.look, now)
    except (ForgeTrouble, LedgerUnavailable):
        raise
    except PenstockError as error:
        look_failed(ports.ledger, taken, str(error), now=now)
        return str(error)
    looked(ports.ledger, taken, now=now)
    return ""


def look_at_each(ports: Ports, *, now: str) -> None:
    """Queue a look at every pull request that is open on the forge, or that the gate believes to be."""
    if ports.forge is None:
        return
    numbers = {pull_request.number for pull_request in ports.forge.list_open()}
    if ports.gate_all_pull_requests:
        numbers |= {pull_request.number for pull_request in ports.forge.list_others()}

    def unit(tx: Transaction) -> None:
        waiting = [read_state(found).pull_request for found in tx.select("proposals", status="awaiting_approval")]
        for number in sorted(numbers | {number for number in waiting if number is not None}):
            ask_for_look(tx, Look(number), now=now)

    ports.ledger.run(unit)
