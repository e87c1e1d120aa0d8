"""Proposals: the list, and one with its decision tree, its approvals, its edit and how far it came."""

from __future__ import annotations

from difflib import unified_diff
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from engine.core.explanation import explain
from engine.core.lifecycle import ProposalState, read_state
from engine.core.progress import progress
from engine.entrypoints.web.console.page import page_for
from engine.entrypoints.web.console.visitor import Visiting
from engine.entrypoints.web.desk import AtDesk
from engine.usecases.settle import load

router = APIRouter()
NEWEST = 200
LINES = 400


@router.get("/proposals")
def get_proposals(
    desk: AtDesk, who: Visiting, request: Request, status: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What was proposed, the newest first."""
    documents = desk.gate.ports.ledger.run(lambda tx: tx.select("proposals", status=status))
    states = [read_state(found) for found in reversed(documents[-NEWEST:])]
    seen = [one for one in states if who.identity.sees(one.claims.action.target.namespace)]
    return page_for(who, request, "proposals.html", proposals=seen, chosen=status)


@router.get("/proposals/{proposal_id}")
def get_proposal(desk: AtDesk, who: Visiting, request: Request, proposal_id: str) -> Response:
    """One proposal. Approving is done in its pull request, so nothing here approves."""
    state = load(desk.gate.ports, proposal_id)
    who.identity.require_namespace(state.claims.action.target.namespace)
    decision, forge = state.verdict, desk.gate.settings.pull_requests
    return page_for(
        who,
        request,
        "proposal.html",
        state=state,
        decision=decision,
        tree=explain(decision) if decision else None,
        steps=progress(state),
        pull_request=f"{forge}{state.pull_request}" if forge and state.pull_request else "",
        diff=diff_of(state),
        incident=_incident_id(desk, state),
    )


def diff_of(state: ProposalState) -> list[str]:
    """The edit of a proposal's change as lines of a diff, the first few hundred."""
    lines: list[str] = []
    for edit in (state.change or {}).get("edits", ()):
        before, after = ((edit[side] or "").splitlines() for side in ("before", "after"))
        lines += unified_diff(before, after, f"a/{edit['path']}", f"b/{edit['path']}", lineterm="")
    return lines[:LINES]


def _incident_id(desk: Any, state: ProposalState) -> str:
    documents = desk.gate.ports.ledger.run(lambda tx: tx.select("incidents"))
    return next((str(d["id"]) for d in reversed(documents) if d["key"] == state.incident_key), "")
