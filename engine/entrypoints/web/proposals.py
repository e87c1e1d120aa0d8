"""``/v1/proposals`` and ``/v1/decisions``: propose, look up, and ask without proposing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from engine.core.decision import Decision
from engine.core.identity import Identity
from engine.core.lifecycle import ProposalState, read_state
from engine.core.proposal import Proposal, ProposalStatus, check_proposal
from engine.entrypoints.web.desk import AtDesk, Body, ProposerIdentity, Reader
from engine.entrypoints.web.problem import PROBLEMS
from engine.usecases.admit_question import admit_question
from engine.usecases.propose import dry_run
from engine.usecases.propose_as import propose_as, require_own
from engine.usecases.settle import load

router = APIRouter(prefix="/v1", responses=PROBLEMS)
TAKES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}},
    }
}


class ProposalView(BaseModel):
    """A proposal as it stands, with the last decision on it."""

    id: str
    status: ProposalStatus
    incident: str
    action_digest: str
    created_at: str
    pull_request: int | None
    merge_commit: str
    merged_at: str
    applied_by: str
    synced_at: str
    passing_since: str
    note: str
    proposal: Proposal
    decision: Decision | None


def _view(state: ProposalState) -> ProposalView:
    return ProposalView(
        id=state.id,
        status=state.status,
        incident=state.incident_key,
        action_digest=state.action_digest,
        created_at=state.created_at,
        pull_request=state.pull_request,
        merge_commit=state.merge_commit,
        merged_at=state.merged_at,
        applied_by=state.applied_by,
        synced_at=state.synced_at,
        passing_since=state.passing_since,
        note=state.note,
        proposal=state.claims,
        decision=state.verdict,
    )


def _claimed(body: Any, identity: Identity) -> Proposal:
    """The proposal in a body; who proposes is who the token says, and a body that says otherwise is refused."""
    proposal = check_proposal(body, where="body")
    require_own(identity, proposal)
    return proposal


@router.post("/proposals", summary="Propose an action", status_code=201, openapi_extra=TAKES)
def post_proposal(desk: AtDesk, identity: ProposerIdentity, body: Body) -> ProposalView:
    """Decided and durable when this answers; opened as a pull request where policy allows. A refusal is an answer."""
    proposal, ports = _claimed(body, identity), desk.gate.ports
    with desk.acting:
        now = desk.now()
        return _view(propose_as(ports, identity, proposal, now=now))


@router.get("/proposals", summary="List proposals")
def get_proposals(desk: AtDesk, identity: Reader, status: str = "") -> list[ProposalView]:
    """All proposals that the caller may see, oldest first, or those of one status."""
    documents = desk.gate.ports.ledger.run(lambda tx: tx.select("proposals", status=status))
    states = [read_state(found) for found in documents]
    return [_view(state) for state in states if identity.sees(state.claims.action.target.namespace)]


@router.get("/proposals/{proposal_id}", summary="Look up a proposal")
def get_proposal(desk: AtDesk, identity: Reader, proposal_id: str) -> ProposalView:
    """One proposal with its last decision."""
    state = load(desk.gate.ports, proposal_id)
    identity.require_namespace(state.claims.action.target.namespace)
    return _view(state)


@router.post("/decisions", summary="Ask for a decision without proposing", openapi_extra=TAKES)
def post_decision(desk: AtDesk, identity: ProposerIdentity, body: Body) -> Decision:
    """What proposing this now would be answered. Nothing is reserved or opened; an hour has room for 120 questions."""
    proposal = _claimed(body, identity)
    admit_question(desk.gate.ports.ledger, identity.id, now=desk.now())
    with desk.acting:
        return dry_run(desk.gate.ports, proposal, authenticated=True, now=desk.now()).decision
