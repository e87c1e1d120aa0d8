"""Answer a question that somebody asked with a button: why, or look again. Neither says anything about approval."""

from __future__ import annotations

from engine.core.delivery import Look
from engine.core.explanation import Node, explain
from engine.core.lifecycle import ProposalState
from engine.core.message import about_proposal
from engine.ports import Ledger, Transaction
from engine.usecases.announce import announce
from engine.usecases.queue_looks import ask_for_look
from engine.usecases.settle import load_in

DEPTH = 3


def tell_why(ledger: Ledger, proposal_id: str, *, channel: str, once: str, now: str) -> None:
    """Tell one channel what was decided on a proposal and by which rules. Raises :class:`NotFound`."""

    def unit(tx: Transaction) -> None:
        state = load_in(tx, proposal_id)
        told = about_proposal(
            state, "explained", f"Why {state.id} is {state.status}", _reasons(state), at=now, once=once
        )
        announce(tx, told.to_one(channel))

    ledger.run(unit)


def look_again(ledger: Ledger, proposal_id: str, *, now: str) -> bool:
    """Queue a look at a proposal's pull request; false where it has none. Raises :class:`NotFound`."""

    def unit(tx: Transaction) -> bool:
        number = load_in(tx, proposal_id).pull_request
        if number is not None:
            ask_for_look(tx, Look(number, again=True), now=now)
        return number is not None

    return ledger.run(unit)


def _reasons(state: ProposalState) -> str:
    decision = state.verdict
    lines = [state.note] if state.note else []
    if decision is not None:
        lines += _lines(explain(decision), 0)
    return "\n".join(lines)


def _lines(node: Node, depth: int) -> list[str]:
    below = [line for child in node.children for line in _lines(child, depth + 1)] if depth < DEPTH else []
    return [f"{'  ' * depth}{node.text}", *below]
