"""Review: a person's word on a pull request, and what follows from it.

The reviewer is shown one action at one head commit, and that is what the review is for. Whether it counts is for
policy to say, when the proposal is settled.
"""

from __future__ import annotations

import re

from engine.core.errors import BadInput, ForgeRefused, NotPermitted
from engine.core.identity import refuse_reserved
from engine.core.lifecycle import ProposalState
from engine.core.pull_request import Review, ReviewState
from engine.core.record import Entry
from engine.core.redaction import redact_text
from engine.ports import Ports
from engine.usecases.settle import close, load, settle

NOTE_LIMIT = 500
DECLARED = "as the caller declared it; nothing proves it"

_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,252}")


def review(
    ports: Ports, proposal_id: str, *, reviewer: str, verdict: ReviewState, note: str, now: str
) -> ProposalState:
    """Add a person's review, record it, and merge if that was what was missing; a rejection closes it.

    ``reviewer`` is whom the caller says it is, and the record says so. Raises :class:`NotPermitted` for a proposal
    that waits for nobody, :class:`BadInput` for a name or note that doesn't fit.
    """
    if _PERSON.fullmatch(reviewer) is None:
        raise BadInput("is no name", where="reviewer", remedy="Use letters, digits and . _ : @ / -")
    refuse_reserved(reviewer, where="reviewer")
    if len(note) > NOTE_LIMIT:
        raise BadInput(f"{len(note)} characters is over {NOTE_LIMIT}", where="note", remedy="Say it in a sentence")
    note = redact_text(note)
    state = load(ports, proposal_id)
    if state.status != "awaiting_approval" or state.pull_request is None:
        raise NotPermitted(f"it is {state.status} and waits for no review", where=proposal_id)
    if ports.forge is None:
        raise ForgeRefused("there is no forge here, so nothing can be reviewed", where=proposal_id)
    head = ports.forge.get(state.pull_request).head
    given = Review(
        reviewer=reviewer, kind="person", state=verdict, head=head, action_digest=state.action_digest, at=now, note=note
    )
    ports.forge.review(state.pull_request, given)
    body = {"reviewer": reviewer, "identity": DECLARED, "verdict": verdict, "head": head, "note": note}
    body["action"] = state.action_digest
    ports.ledger.run(lambda tx: tx.append(Entry("review", proposal_id, body), at=now))
    if verdict != "rejected":
        return settle(ports, proposal_id, now=now)
    settled = settle(ports, proposal_id, now=now)
    return _reject_if_counted(ports, settled, reviewer, note, now)


def _reject_if_counted(ports: Ports, state: ProposalState, reviewer: str, note: str, now: str) -> ProposalState:
    """A rejection closes the proposal when policy counts it; anybody else's no is only shown."""
    decision = state.verdict
    if state.status != "awaiting_approval":
        return state
    if decision is None or not any(violation.rule == "approval/rejected" for violation in decision.violations):
        return state
    reason = f"{reviewer} said no{': ' + note if note else ''}"
    return close(ports, state.id, status="rejected", note=reason, now=now)
