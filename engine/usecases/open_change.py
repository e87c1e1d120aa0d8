"""Open the change: what was decided becomes a branch and a pull request, once, whatever crashed in between.

It starts from the durable state, not from what the process remembers: run again after a crash, it finds the pull
request it had already opened and goes on from there.
"""

from __future__ import annotations

from engine.core import canonical
from engine.core.incident import Incident
from engine.core.input_document import InputDocument
from engine.core.lifecycle import ProposalState, read_change, read_state
from engine.core.pull_request import PullRequest, PullRequestDraft
from engine.core.pull_request_text import body, commit_message, title
from engine.core.receipt import Receipt
from engine.core.record import Entry
from engine.ports import Forge, Ports, Transaction
from engine.usecases.situation import find_incident

GATE = "penstock <penstock@localhost>"


def open_change(ports: Ports, state: ProposalState, *, now: str) -> ProposalState:
    """Open the pull request of a proposal that is ``opening``, or find it open; the state then awaits approval."""
    forge, decision = ports.forge, state.verdict
    if state.status != "opening" or forge is None or decision is None or state.change is None:
        return state
    document, anchor, incident = ports.ledger.run(lambda tx: _read(tx, state))
    change = read_change(state.change)
    receipt = Receipt(
        decision_id=decision.decision_id,
        action_digest=decision.action_digest,
        input_digest=decision.input_digest,
        change_digest=change.digest,
        policy_revision=decision.policy.revision,
        policy_digest=decision.policy.digest,
        head="",
        target_uid=document.facts.target.uid,
        target_resource_version=document.facts.target.resource_version,
        target_generation=document.facts.target.generation,
        expires_at=decision.expires_at,
        tip=anchor,
    )
    draft = PullRequestDraft(
        key=state.pull_request_key,
        branch=_branch(state),
        title=title(state),
        body=body(state, decision, document.facts, incident),
        labels=("penstock", f"tier-{decision.tier}", decision.risk),
        reviewers=tuple(sorted({wanted.role for wanted in decision.approvals.missing})),
        author=state.claims.proposer.id,
        commit_message=commit_message(state, change.summary, receipt.trailers()),
        action_digest=state.action_digest,
        decision_id=decision.decision_id,
    )
    opened = _already_open(forge, draft) or forge.open(draft, change, at=state.created_at)
    return ports.ledger.run(lambda tx: _opened(tx, state, opened, receipt, now))


def _branch(state: ProposalState) -> str:
    """One branch for incident and target, so that a later proposal updates it in place."""
    action = state.claims.action
    place = f"{action.target.namespace or 'cluster'}-{action.target.name}"
    return f"penstock/{place}-{canonical.digest(state.pull_request_key)[7:15]}"


def _already_open(forge: Forge, draft: PullRequestDraft) -> PullRequest | None:
    return next(
        (pr for pr in forge.find(draft.key) if pr.state == "open" and pr.decision_id == draft.decision_id), None
    )


def _read(tx: Transaction, state: ProposalState) -> tuple[InputDocument, str, Incident | None]:
    """The input as recorded, the record's tip at the decision, and the incident."""
    decision_id = state.decision_id
    recorded = tx.records(kind="input", subject=decision_id)[0]
    decided = tx.records(kind="decision", subject=decision_id)[0]
    incident = find_incident(tx, state.claims, state.claims.action.target.cluster)
    return (
        InputDocument.model_validate_json(canonical.encode(recorded.body)),
        f"{decided.sequence}:{decided.digest}",
        incident,
    )


def _opened(tx: Transaction, state: ProposalState, opened: PullRequest, receipt: Receipt, now: str) -> ProposalState:
    current = read_state(tx.find("proposals", state.id) or state.as_document())
    if current.status != "opening":
        return current
    bound = {**receipt.as_document(), "head": opened.head}
    _supersede(tx, state, opened, now)
    tx.append(Entry("pull_request", state.id, {"number": opened.number, "head": opened.head, "receipt": bound}), at=now)
    moved = current.to("awaiting_approval", receipt=bound, pull_request=opened.number)
    tx.put("proposals", moved.id, moved.as_document(), status=moved.status, at=now)
    return moved


def _supersede(tx: Transaction, state: ProposalState, opened: PullRequest, now: str) -> None:
    """An earlier proposal on the same pull request gave way to this one; its budget goes back."""
    for document in tx.select("proposals", status="awaiting_approval"):
        earlier = read_state(document)
        if earlier.id != state.id and earlier.pull_request == opened.number:
            closed = earlier.to("closed", note=f"updated in place by {state.id}")
            tx.put("proposals", closed.id, closed.as_document(), status=closed.status, at=now)
            tx.settle(earlier.decision_id, committed=False, at=now)
