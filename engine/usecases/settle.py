"""Settle: ask again with what is known now, and merge only exactly what was decided.

1. The pull request, its head and its reviews are read from the forge.
2. Facts are derived anew and the receipt is held against head, action, change and target.
3. Policy decides once more, at stage ``merge``; anything but an allow leaves the pull request as it is.
4. ``merging`` becomes durable, the forge merges that very head, and budget, record and state follow.
   A crash in between is resumed: a pull request that is merged is taken as merged, not merged twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core.canonical import digest, digest_bytes
from engine.core.decision import Decision
from engine.core.errors import ForgeRefused, NotFound
from engine.core.input_document import Approval
from engine.core.input_document import Receipt as ReceiptSection
from engine.core.lifecycle import ProposalState, read_change, read_state, target_key
from engine.core.moment import seconds_between
from engine.core.pull_request import PullRequest, Review
from engine.core.receipt import Receipt, compare, read_receipt
from engine.core.record import Entry
from engine.ports import Forge, Ports, Transaction
from engine.usecases.compile_input import compile_input
from engine.usecases.decide import decide
from engine.usecases.propose import Asked, prepare
from engine.usecases.situation import Question, find_incident, read_situation


def settle(ports: Ports, proposal_id: str, *, now: str) -> ProposalState:
    """Merge a proposal's pull request if policy allows it now; otherwise return it unchanged with what is missing."""
    state, forge = load(ports, proposal_id), _forge(ports)
    if state.status == "merging":
        return _finish(ports, state, forge.get(_number(state)), now=now)
    if state.status != "awaiting_approval":
        return state
    pull_request = forge.get(_number(state))
    if pull_request.state != "open":
        return _followed(ports, state, pull_request, now)
    question = replace(prepare(ports, state.claims, now=now), own_id=state.id)
    asked = ports.ledger.run(lambda tx: _ask_again(ports, tx, state, question, pull_request))
    if asked.decision.outcome != "allow" or asked.decision.mode != "enforce":
        return _not_yet(ports, state, asked.decision, now)
    merging = ports.ledger.run(lambda tx: store(tx, load_in(tx, state.id).to("merging"), now))
    return _finish(ports, merging, pull_request, now=now)


def load(ports: Ports, proposal_id: str) -> ProposalState:
    """One proposal as it stands. Raises :class:`NotFound`."""
    return ports.ledger.run(lambda tx: load_in(tx, proposal_id))


def load_in(tx: Transaction, proposal_id: str) -> ProposalState:
    """One proposal inside a transaction. Raises :class:`NotFound`."""
    document = tx.find("proposals", proposal_id)
    if document is None:
        raise NotFound("no such proposal", where=proposal_id, remedy="penstock proposals lists them")
    return read_state(document)


def store(tx: Transaction, state: ProposalState, now: str) -> ProposalState:
    """Write a proposal's state back."""
    tx.put("proposals", state.id, state.as_document(), status=state.status, at=now)
    return state


def _forge(ports: Ports) -> Forge:
    if ports.forge is None:
        raise ForgeRefused("there is no forge here, so nothing can be merged", remedy="Leave shadow mode to act")
    return ports.forge


def _number(state: ProposalState) -> int:
    if state.pull_request is None:
        raise ForgeRefused("this proposal has no pull request", where=state.id)
    return state.pull_request


def _ask_again(
    ports: Ports, tx: Transaction, state: ProposalState, question: Question, pull_request: PullRequest
) -> Asked:
    receipt = read_receipt(state.receipt or {})
    situation = replace(
        read_situation(ports, tx, question),
        stage="merge",
        approvals=[approval(review, state, pull_request, question.now) for review in pull_request.reviews],
        receipt=_receipt_facts(ports, state, receipt, question, pull_request),
    )
    document = compile_input(
        ports.policy, state.claims, question.derived, situation, authenticated=state.authenticated, now=question.now
    )
    tip = tx.tip()
    asked = Asked(question, document, decide(ports.policy, document, nonce=tip), tip)
    tx.append(Entry("input", asked.decision.decision_id, document.model_dump(mode="json")), at=question.now)
    body = {"proposal": state.id, "stage": "merge", "decision": asked.decision.model_dump(mode="json")}
    tx.append(Entry("decision", asked.decision.decision_id, body), at=question.now)
    store(tx, replace(load_in(tx, state.id), latest=asked.decision.model_dump(mode="json")), question.now)
    return asked


def approval(review: Review, state: ProposalState, pull_request: PullRequest, now: str) -> Approval:
    """One review as policy sees it: whose it is, and whether it was given for this head and this action."""
    return Approval(
        approver=review.reviewer,
        kind=review.kind,
        state=review.state,
        author=review.reviewer in (pull_request.author, state.claims.proposer.id),
        head_matches=review.head == pull_request.head,
        action_matches=review.action_digest == state.action_digest,
        age_seconds=max(0, seconds_between(review.at, now)),
    )


def _receipt_facts(
    ports: Ports, state: ProposalState, receipt: Receipt, question: Question, pull_request: PullRequest
) -> ReceiptSection:
    return compare(
        receipt,
        head=pull_request.head,
        action_digest=pull_request.action_digest if pull_request.action_digest == state.action_digest else "",
        change_digest=_opened_digest(ports, state, pull_request.head),
        target=question.derived.target,
        now=question.now,
    )


def _opened_digest(ports: Ports, state: ProposalState, head: str) -> str:
    """The digest of what the head commit really holds at the decided paths."""
    if ports.repository is None or state.change is None:
        return ""
    found = {edit.path: ports.repository.read(head, edit.path) for edit in read_change(state.change).edits}
    return digest({path: None if data is None else digest_bytes(data) for path, data in found.items()})


def _not_yet(ports: Ports, state: ProposalState, decision: Decision, now: str) -> ProposalState:
    expired = any(violation.rule == "receipt/expired" for violation in decision.violations)
    if not expired:
        return load(ports, state.id)
    return close(ports, state.id, status="expired", note="Nobody approved it in time; propose it again.", now=now)


def close(ports: Ports, proposal_id: str, *, status: Any, note: str, now: str) -> ProposalState:
    """Close the pull request without merging and give the budget back; the forge first, so a crash is resumed."""
    state, forge = load(ports, proposal_id), _forge(ports)
    if forge.get(_number(state)).state == "open":
        forge.close(_number(state), note=note, at=now)

    def unit(tx: Transaction) -> ProposalState:
        moved = load_in(tx, proposal_id).to(status, note=note)
        tx.settle(moved.decision_id, committed=False, at=now)
        tx.append(Entry(status, proposal_id, {"note": note, "number": state.pull_request}), at=now)
        if status == "rejected":
            _remember(tx, moved, "rejected", now)
        return store(tx, moved, now)

    closed = ports.ledger.run(unit)
    ports.notifier.tell(status, f"Proposal {status}", note, links={"proposal": proposal_id}, at=now)
    return closed


def _remember(tx: Transaction, state: ProposalState, what: str, now: str) -> None:
    """When this kind of action was last merged on, or rejected for, this target."""
    key, kind = target_key(state.claims), state.claims.action.kind
    history = tx.find("targets", key) or {"merged": {}, "rejected": {}}
    tx.put("targets", key, {**history, what: {**history[what], kind: now}}, at=now)


def _finish(ports: Ports, state: ProposalState, pull_request: PullRequest, *, now: str) -> ProposalState:
    """Merge what is ``merging``, or take up that it was merged before a crash."""
    receipt = read_receipt(state.receipt or {})
    if pull_request.state == "open":
        trailers = receipt.trailers() | {"Penstock-Record-Tip": _anchor(ports)}
        try:
            pull_request = _forge(ports).merge(
                pull_request.number, expected_head=receipt.head, trailers=trailers, by="penstock", at=now
            )
        except ForgeRefused as refusal:
            message = refusal.message
            ports.ledger.run(lambda tx: store(tx, load_in(tx, state.id).to("awaiting_approval", note=message), now))
            raise
    merged = ports.ledger.run(lambda tx: _merged(tx, state, pull_request, now))
    _tell_merged(ports, merged, now)
    return merged


def _anchor(ports: Ports) -> str:
    """The record's tip as a trailer names it: ``sequence:digest``."""

    def unit(tx: Transaction) -> str:
        last = tx.records()[-1]
        return f"{last.sequence}:{last.digest}"

    return ports.ledger.run(unit)


def _merged(tx: Transaction, state: ProposalState, pull_request: PullRequest, now: str) -> ProposalState:
    current = load_in(tx, state.id)
    if current.status != "merging":
        return current
    moved = current.to("verifying", merge_commit=pull_request.merge_commit, merged_at=pull_request.closed_at or now)
    tx.settle(current.decision_id, committed=True, at=now)
    body = {"number": pull_request.number, "commit": pull_request.merge_commit, "receipt": current.receipt}
    tx.append(Entry("merge", state.id, body), at=now)
    _remember(tx, moved, "merged", now)
    incident = find_incident(tx, moved.claims, moved.claims.action.target.cluster)
    if incident is not None:
        earlier = tx.find("merged", incident.id) or {"proposals": []}
        tx.put("merged", incident.id, {"proposals": [*earlier["proposals"], moved.id]}, at=now)
    return store(tx, moved, now)


def _tell_merged(ports: Ports, state: ProposalState, now: str) -> None:
    decision = state.verdict
    alone = decision is not None and not decision.approvals.required
    event, title = ("automatic_fix", "Fixed alone, within policy") if alone else ("merged", "Approved and merged")
    target = state.claims.action.target
    text = f"{state.claims.action.kind} on {target.namespace}/{target.name}"
    ports.notifier.tell(event, title, text, links={"proposal": state.id, "commit": state.merge_commit}, at=now)


def _followed(ports: Ports, state: ProposalState, pull_request: PullRequest, now: str) -> ProposalState:
    """Somebody merged or closed it outside the gate: the state follows, and the record says so."""
    if pull_request.state == "closed":
        return close(ports, state.id, status="closed", note="Closed on the forge.", now=now)
    note = "Merged on the forge without the gate's last word"
    ports.ledger.run(lambda tx: store(tx, load_in(tx, state.id).to("merging", note=note), now))
    return _finish(ports, load(ports, state.id), pull_request, now=now)
