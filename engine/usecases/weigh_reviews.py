"""Weigh reviews: hold each against what the gate had shown when it was given, and remember what it shows now.

The memory is in the ledger, not on the forge: whoever can write to a pull request can't write what was shown of it.
"""

from __future__ import annotations

from engine.core.decision import Decision
from engine.core.input_document import Approval
from engine.core.pull_request import PullRequest
from engine.core.showing import Bound, adding, approvals, read_showings, showing
from engine.ports import Ports, Transaction

SHOWN = "shown"


def weigh_reviews(
    ports: Ports, tx: Transaction, pull_request: PullRequest, bound: Bound, *, now: str
) -> list[Approval]:
    """The reviews of a pull request as policy sees them at ``now``, in the forge's order."""
    showings = read_showings(tx.find(SHOWN, str(pull_request.number)))
    return approvals(pull_request, bound, showings, ports.policy.data("people"), now=now)


def remember_showing(
    tx: Transaction, pull_request: PullRequest, change_digest: str, decision: Decision, *, at: str, made: bool = False
) -> None:
    """Remember that a decision stands beside the present head from ``at`` on; ``made``: the gate just made that head.

    ``change_digest`` is over what the head holds at the decided paths; empty where that isn't known.
    """
    known, number = tx.find(SHOWN, str(pull_request.number)), str(pull_request.number)
    latest = showing(pull_request, change_digest, decision, made=made, at=at)
    tx.put(SHOWN, number, adding(known, latest), at=at)
