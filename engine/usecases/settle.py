"""Settle: ask again with what is known now, and merge only exactly what was decided.

1. The pull request, its head and its reviews are read from the forge.
2. Facts are derived anew and the receipt is held against head, action, change and target.
3. In one transaction policy decides once more, at stage ``merge``, and an allow becomes ``merging`` with whatever
   budget it needs beyond what is held, so that neither switch nor budget can move in between. Anything but an allow
   leaves the pull request as it is.
4. The forge merges that very head, at once or when what else it requires has passed, and budget, record and state
   follow. After a crash a pull request that is merged
   is taken as merged, not merged twice; one that isn't is asked about again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core.budget import Reservation
from engine.core.canonical import digest, digest_bytes
from engine.core.decision import Decision
from engine.core.errors import ForgeRefused, MergesLater, NotFound, StaleReceipt
from engine.core.input_document import Receipt as ReceiptSection
from engine.core.lifecycle import SETTLED, ProposalState, read_change, read_state, target_key
from engine.core.message import Event, Message, about_proposal
from engine.core.pull_request import PullRequest
from engine.core.pull_request_check import check_of
from engine.core.receipt import Found, Receipt, compare, read_receipt
from engine.core.record import Entry
from engine.core.showing import Bound
from engine.ports import Forge, Ports, Transaction
from engine.usecases.announce import announce
from engine.usecases.compile_input import compile_input
from engine.usecases.decide import decide
from engine.usecases.propose import prepare, refusal_recorded
from engine.usecases.show_standing import show_check
from engine.usecases.situation import Question, budget_scope, find_incident, read_situation
from engine.usecases.weigh_reviews import remember_showing, weigh_reviews

OPEN = ("awaiting_approval", "merging")
OUTSIDE = "Merged on the forge without the gate's last word"


def settle(ports: Ports, proposal_id: str, *, now: str) -> ProposalState:
    """Merge a proposal's pull request if policy allows it now; otherwise return it unchanged with what is missing."""
    state, forge = load(ports, proposal_id), _forge(ports)
    if state.status not in OPEN:
        return state
    pull_request = forge.get(_number(state))
    if pull_request.state != "open":
        return _followed(ports, state, pull_request, now)
    with refusal_recorded(ports, state.claims, now=now):
        question = replace(prepare(ports, state.claims, now=now), own_id=state.id)
        asked = ports.ledger.run(lambda tx: _ask_again(ports, tx, load_in(tx, state.id), question, pull_request))
    if asked.status == "merging":
        return _finish(ports, asked, pull_request, now=now)
    return _not_yet(ports, asked, now)


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
) -> ProposalState:
    """Ask at stage ``merge``, record it, and move on to ``merging`` where policy allows; all of it or nothing."""
    if state.status not in OPEN:
        return state
    receipt = read_receipt(state.receipt or {})
    if state.latest is not None:
        tx.settle(str(state.latest["decision_id"]), committed=False, at=question.now)
    question = replace(question, held=_held(tx, state))
    situation = replace(
        read_situation(ports, tx, question),
        stage="merge",
        approvals=weigh_reviews(ports, tx, pull_request, _bound(ports, state, receipt), now=question.now),
        receipt=_receipt_facts(ports, state, receipt, question, pull_request),
    )
    document = compile_input(
        ports.policy, state.claims, question.derived, situation, authenticated=state.authenticated, now=question.now
    )
    decision = decide(ports.policy, document, nonce=tx.tip(), quotes=question.derived.quotes)
    tx.append(Entry("input", decision.decision_id, document.model_dump(mode="json")), at=question.now)
    body = {"proposal": state.id, "stage": "merge", "decision": decision.model_dump(mode="json")}
    tx.append(Entry("decision", decision.decision_id, body), at=question.now)
    remember_showing(tx, pull_request, _opened_digest(ports, state, pull_request.head), decision, at=question.now)
    allowed = decision.outcome == "allow" and decision.mode == "enforce"
    if allowed:
        _reserve_more(tx, question, decision)
    told = replace(state, latest=decision.model_dump(mode="json"), note="", handed_over=False)
    moved = told if state.status == "merging" and allowed else told.to("merging" if allowed else "awaiting_approval")
    return store(tx, moved, question.now)


def _held(tx: Transaction, state: ProposalState) -> dict[str, int]:
    """What the proposal's own decision reserved when it was made."""
    decision = Decision.model_validate(state.decision)
    recorded = tx.records(kind="input", subject=decision.decision_id)[0].body
    return {"automatic_fixes": int(decision.automatic), "pods": int(recorded["facts"]["blast"]["pods"])}


def _reserve_more(tx: Transaction, question: Question, decision: Decision) -> None:
    """Reserve what the action takes beyond what is held: it may reach further now, or go alone only now."""
    held, scope = question.held, budget_scope(question.proposal)
    until = decision.expires_at
    if decision.automatic and not held.get("automatic_fixes"):
        tx.reserve(Reservation("automatic_fixes", scope, 1, decision.decision_id, question.now, until))
    if (more := question.derived.blast.pods - held.get("pods", 0)) > 0:
        tx.reserve(Reservation("pods", scope, more, decision.decision_id, question.now, until))


def _bound(ports: Ports, state: ProposalState, receipt: Receipt) -> Bound:
    return Bound(state.action_digest, receipt.change_digest, state.claims.proposer.id, ports.branch)


def _receipt_facts(
    ports: Ports, state: ProposalState, receipt: Receipt, question: Question, pull_request: PullRequest
) -> ReceiptSection:
    found = Found(
        head=pull_request.head,
        on_branch=pull_request.base == ports.branch,
        action_digest=pull_request.action_digest if pull_request.action_digest == state.action_digest else "",
        change_digest=_opened_digest(ports, state, pull_request.head),
        target=question.derived.target,
    )
    return compare(receipt, found, now=question.now)


def _opened_digest(ports: Ports, state: ProposalState, head: str) -> str:
    """The digest of what the head commit really holds at the decided paths."""
    if ports.repository is None or state.change is None:
        return ""
    found = {edit.path: ports.repository.read(head, edit.path) for edit in read_change(state.change).edits}
    return digest({path: None if data is None else digest_bytes(data) for path, data in found.items()})


def _not_yet(ports: Ports, state: ProposalState, now: str) -> ProposalState:
    return expire(ports, state, now=now) if expired(state, now) else state


def expired(state: ProposalState, now: str) -> bool:
    """Whether it waits, and the decision that it waits under has ended."""
    return state.status == "awaiting_approval" and now >= read_receipt(state.receipt or {}).expires_at


def expire(ports: Ports, state: ProposalState, *, now: str) -> ProposalState:
    """Close what nobody approved in time. Policy needn't be asked: no answer could let it merge any more."""
    return close(ports, state.id, status="expired", note="Nobody approved it in time; propose it again.", now=now)


def close(ports: Ports, proposal_id: str, *, status: Any, note: str, now: str) -> ProposalState:
    """Close the pull request without merging and give the budget back; the forge first, so a crash is resumed.

    One that turns out to be merged is taken as merged.
    """
    state, forge = load(ports, proposal_id), _forge(ports)
    if state.status in SETTLED:
        return state
    found = forge.get(_number(state))
    if found.state == "merged":
        return _followed(ports, state, found, now)
    if found.state == "open":
        forge.close(found.number, note=note, at=now)

    def unit(tx: Transaction) -> ProposalState:
        current = load_in(tx, proposal_id)
        if current.status in SETTLED:
            return current
        moved = current.to(status, note=note)
        for decision_id in _decisions(moved):
            tx.settle(decision_id, committed=False, at=now)
        tx.append(Entry(status, proposal_id, {"note": note, "number": state.pull_request}), at=now)
        if status == "rejected":
            _remember(tx, moved, "rejected", now)
        announce(tx, about_proposal(moved, status, f"Proposal {status}", note, at=now))
        return store(tx, moved, now)

    return ports.ledger.run(unit)


def _decisions(state: ProposalState) -> set[str]:
    """Every decision that may hold budget for a proposal."""
    return {state.decision_id, str((state.latest or {}).get("decision_id", state.decision_id))}


def _remember(tx: Transaction, state: ProposalState, what: str, now: str) -> None:
    """When this kind of action was last merged on, or rejected for, this target."""
    key, kind = target_key(state.claims), state.claims.action.kind
    history = tx.find("targets", key) or {"merged": {}, "rejected": {}}
    tx.put("targets", key, {**history, what: {**history[what], kind: now}}, at=now)


def _finish(ports: Ports, state: ProposalState, pull_request: PullRequest, *, now: str) -> ProposalState:
    """Merge what is ``merging``; where another process was quicker, take up that it was merged."""
    receipt, forge = read_receipt(state.receipt or {}), _forge(ports)
    trailers = receipt.trailers() | {"Penstock-Record-Tip": _anchor(ports, state)}
    try:
        _say_allowed(forge, state, pull_request, now)
        pull_request = forge.merge(
            pull_request.number, expected_head=receipt.head, trailers=trailers, by="penstock", at=now
        )
    except ForgeRefused as refusal:
        pull_request, message = forge.get(pull_request.number), refusal.message
        later = isinstance(refusal, MergesLater)
        if pull_request.state != "merged":
            back = ports.ledger.run(lambda tx: _step_back(tx, state.id, message, now, handed_over=later))
            if later:
                return back
            raise
    return _take_up(ports, state, pull_request, now=now)


def _say_allowed(forge: Forge, state: ProposalState, pull_request: PullRequest, now: str) -> None:
    """A branch that requires the check merges only what the check allows, the gate's own merge included."""
    if state.verdict is not None and state.change is not None:
        report = check_of(state.verdict, read_change(state.change).edits, head=pull_request.head)
        try:
            show_check(forge, pull_request, report, at=now)
        except NotFound as gone:
            raise StaleReceipt(gone.message, where=gone.where, remedy="Decide again on the present head") from gone


def _step_back(tx: Transaction, proposal_id: str, message: str, now: str, *, handed_over: bool) -> ProposalState:
    current = load_in(tx, proposal_id)
    if current.status != "merging":
        return current
    return store(tx, current.to("awaiting_approval", note=message, handed_over=handed_over), now)


def _take_up(ports: Ports, state: ProposalState, pull_request: PullRequest, *, now: str) -> ProposalState:
    """Let state, budget and record follow a merged pull request, and tell people; once, whoever else does so too."""
    gate = _own_merge(ports, state, pull_request)
    return ports.ledger.run(lambda tx: _merged(tx, state.id, pull_request, outside=not gate, now=now))


def _own_merge(ports: Ports, state: ProposalState, pull_request: PullRequest) -> bool:
    """Whether the gate merged it, or the forge because the gate asked it to: the decided head, with the decided files.

    What the forge merged later may have met others' edits on the base; then it isn't what was decided.
    """
    receipt = read_receipt(state.receipt or {})
    if pull_request.head != receipt.head or not (state.status == "merging" or state.handed_over):
        return False
    if not state.handed_over:
        return True
    try:
        return _opened_digest(ports, state, pull_request.merge_commit) == receipt.change_digest
    except NotFound:
        return False


def _anchor(ports: Ports, state: ProposalState) -> str:
    """Where the record stood when the merge was allowed, as a trailer names it: ``sequence:digest``."""
    decision_id = str((state.latest or state.decision or {}).get("decision_id", ""))
    last = ports.ledger.run(lambda tx: tx.records(kind="decision", subject=decision_id)[-1])
    return f"{last.sequence}:{last.digest}"


def _merged(tx: Transaction, proposal_id: str, pull_request: PullRequest, *, outside: bool, now: str) -> ProposalState:
    current = load_in(tx, proposal_id)
    if current.status not in OPEN:
        return current
    merging = current if current.status == "merging" else current.to("merging")
    commit, note = pull_request.merge_commit, OUTSIDE if outside else ""
    moved = merging.to("verifying", merge_commit=commit, merged_at=pull_request.closed_at or now, note=note)
    for decision_id in _decisions(current):
        tx.settle(decision_id, committed=True, at=now)
    body = {"number": pull_request.number, "commit": commit, "receipt": current.receipt, "outside": outside}
    tx.append(Entry("merge", proposal_id, body), at=now)
    _remember(tx, moved, "merged", now)
    incident = find_incident(tx, moved.claims, moved.claims.action.target.cluster)
    if incident is not None:
        earlier = tx.find("merged", incident.id) or {"proposals": []}
        tx.put("merged", incident.id, {"proposals": [*earlier["proposals"], moved.id]}, at=now)
    announce(tx, _merged_message(moved, now, outside=outside))
    return store(tx, moved, now)


def _merged_message(state: ProposalState, now: str, *, outside: bool) -> Message:
    decision = state.verdict
    alone = decision is not None and not decision.approvals.required
    event: Event = "automatic_fix" if alone else "merged"
    title = "Fixed alone, within policy" if alone else "Approved and merged"
    if outside:
        event, title = "merged_outside", OUTSIDE
    target = state.claims.action.target
    text = f"{state.claims.action.kind} on {target.namespace}/{target.name}"
    return about_proposal(state, event, title, text, at=now)


def _followed(ports: Ports, state: ProposalState, pull_request: PullRequest, now: str) -> ProposalState:
    """Somebody merged or closed it outside the gate: the state follows, and the record says so."""
    if pull_request.state == "closed":
        return close(ports, state.id, status="closed", note="Closed on the forge.", now=now)
    return _take_up(ports, state, pull_request, now=now)
