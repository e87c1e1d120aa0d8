"""Take a look: bring the gate's side of one pull request into line with what the forge holds now.

A look at everything becomes a look at each, so that one which fails keeps no other waiting. Trouble of the forge
itself ends the round: the looks stay queued as they were, and whoever runs the round waits before the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.core.delivery import Look, QueuedLook
from engine.core.errors import ForgeTrouble, LedgerUnavailable, PenstockError
from engine.core.lifecycle import ProposalState, read_state
from engine.core.pull_request import PullRequest
from engine.core.reevaluate_box import asked_again
from engine.ports import Ports, Transaction
from engine.usecases import gate_pull_request, reconcile_pull_request
from engine.usecases.gate_pull_request import GATED
from engine.usecases.queue_looks import ask_for_look, look_failed, looked
from engine.usecases.reconcile_pull_request import TOLD, why_over
from engine.usecases.settle import expired

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
    """Queue a look at every pull request that something happened to, or that is due, as far as the listing tells.

    A listing costs little and a look costs several questions, so a thousand that nobody touched are left alone. What
    the gate believes to be open and the forge doesn't list is looked at too.
    """
    if ports.forge is None:
        return
    listed = {pull_request.number: pull_request for pull_request in ports.forge.list_open()}
    if ports.gate_all_pull_requests:
        listed |= {pull_request.number: pull_request for pull_request in ports.forge.list_others()}
    known = ports.ledger.run(lambda tx: _known(tx, list(listed)))
    unlisted = [number for number in known.standing if number not in listed]
    wanted = [number for number, pull_request in listed.items() if _wants_look(ports, known, pull_request, now)]

    def unit(tx: Transaction) -> None:
        for number in sorted([*wanted, *unlisted]):
            ask_for_look(tx, Look(number), now=now)

    ports.ledger.run(unit)


@dataclass(frozen=True, slots=True)
class _Known:
    """By number: the proposals that wait, those that nobody needs any more, and what was last shown of each."""

    standing: dict[int, ProposalState]
    over: set[int]
    told: dict[int, dict[str, Any] | None]
    gated: dict[int, dict[str, Any] | None]


def _known(tx: Transaction, numbers: list[int]) -> _Known:
    waiting = [read_state(found) for found in tx.select("proposals", status="awaiting_approval")]
    standing = {state.pull_request: state for state in waiting if state.pull_request is not None}
    return _Known(
        standing,
        {number for number, state in standing.items() if why_over(tx, state)},
        {number: tx.find(TOLD, str(number)) for number in numbers},
        {number: tx.find(GATED, str(number)) for number in numbers},
    )


def _wants_look(ports: Ports, known: _Known, pull_request: PullRequest, now: str) -> bool:
    number = pull_request.number
    state = known.standing.get(number)
    if asked_again(pull_request):
        return True
    if state is None:
        return gate_pull_request.moved(ports, known.gated[number], pull_request, now)
    over = number in known.over or pull_request.edited_by_person or expired(state, now)
    return over or reconcile_pull_request.moved(ports, known.told[number], pull_request, now)
