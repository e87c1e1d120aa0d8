"""Weigh reviews: hold each against what the gate had shown when it was given, and remember what it shows now.

The memory is in the ledger, not on the forge: whoever can write to a pull request can't write what was shown of it.
"""

from __future__ import annotations

from dataclasses import replace

from engine.core.decision import Decision
from engine.core.input_document import Approval
from engine.core.proposal import ClaimedProposer
from engine.core.pull_request import PullRequest
from engine.core.showing import Bound, adding, approvals, read_showings, showing
from engine.ports import Ports, Transaction

SHOWN = "shown"
PROPOSERS = "proposers"


def weigh_reviews(
    ports: Ports, tx: Transaction, pull_request: PullRequest, bound: Bound, *, now: str
) -> list[Approval]:
    """The reviews of a pull request as policy sees them at ``now``, in the forge's order."""
    showings = read_showings(tx.find(SHOWN, str(pull_request.number)))
    proposers = tx.find(PROPOSERS, _proposed(pull_request.number, bound.action_digest)) or {}
    earlier = {who: kind for who, kind in proposers.items() if who != bound.proposer}
    return approvals(pull_request, replace(bound, earlier=earlier), showings, ports.policy.data("people"), now=now)


def remember_proposer(tx: Transaction, number: int, action_digest: str, proposer: ClaimedProposer, *, at: str) -> None:
    """Remember who proposed an action on a pull request: whoever proposes the same later doesn't take it off them."""
    key = _proposed(number, action_digest)
    tx.put(PROPOSERS, key, {**(tx.find(PROPOSERS, key) or {}), proposer.id: proposer.kind}, at=at)


def _proposed(number: int, action_digest: str) -> str:
    return f"{number}|{action_digest}"


def remember_showing(
    tx: Transaction, pull_request: PullRequest, change_digest: str, decision: Decision, *, at: str, made: bool = False
) -> None:
    """Remember that a decision stands beside the present head from ``at`` on; ``made``: the gate just made that head.

    ``change_digest`` is over what the head holds at the decided paths; empty where that isn't known.
    """
    known, number = tx.find(SHOWN, str(pull_request.number)), str(pull_request.number)
    latest = showing(pull_request, change_digest, decision, made=made, at=at)
    tx.put(SHOWN, number, adding(known, latest), at=at)
