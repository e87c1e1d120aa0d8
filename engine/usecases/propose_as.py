"""Propose as an identity: in its own name, for what it is there for, and within its own hour.

What one agent is refused here, or has used up, touches no other: each has its own bounds, expiry and token.
"""

from __future__ import annotations

from engine.core.errors import ForgeTrouble, LostRace, NotPermitted, RepositoryBusy
from engine.core.identity import Identity
from engine.core.lifecycle import ProposalState
from engine.core.proposal import Proposal
from engine.ports import Ports
from engine.usecases.admit_question import admit_proposal
from engine.usecases.propose import propose
from engine.usecases.resume import advance
from engine.usecases.settle import load


def propose_as(ports: Ports, identity: Identity, proposal: Proposal, *, now: str) -> ProposalState:
    """Decided, durable, and opened where policy allows it.

    What a forge in trouble, or another replica, keeps from being opened now is returned as it stands: the loop goes on
    with it. Raises :class:`NotPermitted`, :class:`~engine.core.errors.TooManyQuestions`, and what proposing raises.
    """
    require_own(identity, proposal)
    admit_proposal(ports.ledger, identity, now=now)
    made = propose(ports, proposal, authenticated=True, now=now)
    try:
        return advance(ports, made, now=now)
    except (LostRace, RepositoryBusy, ForgeTrouble):
        return load(ports, made.id)


def require_own(identity: Identity, proposal: Proposal) -> None:
    """Raises :class:`NotPermitted` for a proposal in another's name, or of what this identity isn't there for."""
    proposer = proposal.proposer
    if (proposer.id, proposer.kind) != (identity.id, identity.kind):
        message = f"the token is {identity.id}'s ({identity.kind}), not {proposer.id}'s"
        raise NotPermitted(message, where="proposer", remedy="Propose in your own name")
    identity.require_action(proposal.action)
