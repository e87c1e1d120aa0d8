"""Propose: a claim becomes facts, a change, a decision and a record, all or nothing, and only then a pull request.

1. Facts are derived and the change is built in memory; nothing is written.
2. In one transaction the situation is read, policy is asked, and proposal, input, decision and reservations become
   durable together. A crash before that leaves nothing; a crash after it is resumed from the record.
3. Only what policy doesn't deny is opened, and only when it decided in earnest: never in advice or shadow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from engine.core import canonical
from engine.core.action.governance import LEARN, PROMOTE
from engine.core.action.infrastructure import APPLY_PLAN
from engine.core.budget import Reservation
from engine.core.change.intend.situation import ChangeContext
from engine.core.decision import Decision
from engine.core.errors import BadInput, CouldNotDecide, LedgerUnavailable, ToolUnavailable
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.image import rollout_images
from engine.core.facts.target import find_target
from engine.core.input_document import InputDocument
from engine.core.lifecycle import ProposalState, change_document, read_state
from engine.core.message import Message, handed_over, of_decision
from engine.core.proposal import Proposal, ProposalStatus
from engine.core.record import Entry
from engine.core.signal import Signal
from engine.ports import Ledger, Ports, Transaction
from engine.usecases.announce import announce
from engine.usecases.compile_input import compile_input
from engine.usecases.decide import decide
from engine.usecases.declared import declared_context
from engine.usecases.derive_facts import derive_facts
from engine.usecases.keep_intended import keep_intended
from engine.usecases.observe import observe_in
from engine.usecases.observe_cluster import look
from engine.usecases.openings import note_opening
from engine.usecases.situation import Question, budget_scope, find_incident, read_situation


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its input document and decision."""

    question: Question
    document: InputDocument
    decision: Decision
    tip: str


def prepare(ports: Ports, proposal: Proposal, *, now: str) -> Question:
    """Derive everything that doesn't need the ledger."""
    view = look(ports.cluster)
    if proposal.action.kind == APPLY_PLAN:
        from engine.usecases.derive_plan import derive_plan

        return Question(proposal, derive_plan(ports, proposal.action), view, now)
    if proposal.action.kind == PROMOTE:
        from engine.usecases.derive_promotion import derive_promotion

        return Question(proposal, derive_promotion(ports, proposal.action, view, now), view, now)
    if proposal.action.kind == LEARN:
        from engine.usecases.derive_lesson import derive_lesson

        return Question(proposal, derive_lesson(ports, proposal.action, view), view, now)
    context = change_context(ports, view, proposal, now)
    return Question(proposal, derive_facts(ports, proposal.action, view, context), view, now)


def change_context(ports: Ports, view: ClusterView, proposal: Proposal, now: str) -> ChangeContext:
    """What a change is built from besides action and repository."""
    target = proposal.action.target
    return replace(
        declared_context(ports, view, now=now),
        proposal=canonical.digest([proposal.action.digest, now])[7:19],
        incident=_incident_name(proposal),
        live=find_target(view, target),
        revisions=rollout_images(view, target),
    )


def _incident_name(proposal: Proposal) -> str:
    named = proposal.incident
    return f"{named.namespace}/{named.kind}/{named.name}/{named.reason}" if named else ""


def ask(ports: Ports, tx: Transaction, question: Question, *, authenticated: bool) -> Asked:
    """Ask policy inside a transaction, so that what it sees of budgets and switch is what is acted upon."""
    situation = read_situation(ports, tx, question)
    document = compile_input(
        ports.policy, question.proposal, question.derived, situation, authenticated=authenticated, now=question.now
    )
    tip = tx.tip()
    return Asked(question, document, decide(ports.policy, document, nonce=tip, quotes=question.derived.quotes), tip)


class _Rehearsed(Exception):
    """Carries an answer out of a transaction that is undone."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked


def dry_run(
    ports: Ports, proposal: Proposal, *, authenticated: bool, now: str, signals: Sequence[Signal] = ()
) -> Asked:
    """The decision that proposing would get after observing ``signals``; only the question and answer are recorded."""
    with refusal_recorded(ports, proposal, now=now):
        asked = rehearse(ports, proposal, authenticated=authenticated, now=now, signals=signals)
    ports.ledger.run(lambda tx: _record_decision(tx, asked, "dry-run"))
    return asked


def rehearse(
    ports: Ports, proposal: Proposal, *, authenticated: bool, now: str, signals: Sequence[Signal] = ()
) -> Asked:
    """As :func:`dry_run`, recording nothing.

    It runs against the real situation in a transaction that is undone, so that a question and the real thing can
    never ask different gates.
    """

    def unit(tx: Transaction) -> Asked:
        observe_in(ports, tx, signals, now=now)
        raise _Rehearsed(ask(ports, tx, question, authenticated=authenticated))

    question = prepare(ports, proposal, now=now)
    try:
        return ports.ledger.run(unit)
    except _Rehearsed as rehearsed:
        return rehearsed.asked


def propose(ports: Ports, proposal: Proposal, *, authenticated: bool, now: str) -> ProposalState:
    """Decide a proposal and make it durable; raises :class:`CouldNotDecide` after recording that refusal.

    The same proposer's idempotency key gives the earlier proposal back instead of a second one; raises
    :class:`BadInput` when that one was for another action.
    """

    def unit(tx: Transaction) -> ProposalState:
        earlier = _earlier(tx, proposal)
        if earlier is not None:
            return earlier
        asked = ask(ports, tx, question, authenticated=authenticated)
        state = _state(ports, tx, asked, authenticated=authenticated)
        _record_decision(tx, asked, state.id)
        if state.status == "opening":
            _reserve(tx, asked)
            keep_intended(tx, state.id, proposal.action.target, question.derived.built, now)
        _remember(tx, state, proposal)
        if state.status == "refused":
            announce(tx, of_decision(state, "refused", asked.decision, at=now))
        if proposal.action.kind == "escalate" and asked.decision.automatic:
            announce(tx, handed_over(state, find_incident(tx, proposal, question.view.cluster), at=now))
        return state

    with refusal_recorded(ports, proposal, now=now):
        question = prepare(ports, proposal, now=now)
        return ports.ledger.run(unit)


@contextmanager
def refusal_recorded(ports: Ports, proposal: Proposal, *, now: str) -> Iterator[None]:
    """When no decision can be reached inside, that refusal is recorded before the error goes on."""
    try:
        yield
    except LedgerUnavailable as error:
        if not error.kept:
            _set_aside(ports.ledger, refusal(proposal, error), error, now)
        raise
    except (CouldNotDecide, ToolUnavailable) as error:
        entry, message = refusal(proposal, error), error.message
        try:
            ports.ledger.run(lambda tx: _record_refusal(tx, entry, message, now))
        except LedgerUnavailable as gone:
            _set_aside(ports.ledger, entry, gone, now)
        raise


def refusal(proposal: Proposal, error: CouldNotDecide | ToolUnavailable) -> Entry:
    """What goes on record of a proposal that couldn't be decided."""
    body = {"proposal": proposal.as_document(), "reason": error.reason, "message": error.message}
    return Entry("refusal", proposal.action.digest, body)


def _set_aside(ledger: Ledger, entry: Entry, error: LedgerUnavailable, now: str) -> None:
    """A refusal because nothing can be recorded is what somebody looks for later; where even that fails, it is told."""
    with suppress(LedgerUnavailable):
        ledger.set_aside(entry, at=now)
        error.kept = True


def _record_refusal(tx: Transaction, entry: Entry, message: str, now: str) -> None:
    """The same refusal is told once an hour, however often it is met."""
    tx.append(entry, at=now)
    key = f"could_not_decide|{entry.subject}|{entry.body['reason']}|{now[:13]}"
    announce(tx, Message(key, "could_not_decide", "The gate could not decide", message, now, about="gate"))


def _earlier(tx: Transaction, proposal: Proposal) -> ProposalState | None:
    if not proposal.idempotency_key:
        return None
    found = tx.find("idempotency", f"{proposal.proposer.id}|{proposal.idempotency_key}")
    document = tx.find("proposals", found["proposal"]) if found else None
    if document is None:
        return None
    earlier = read_state(document)
    if earlier.action_digest != proposal.action.digest:
        remedy = "Use a key of its own for each action"
        raise BadInput(f"was used for another action, {earlier.id}", where="idempotency_key", remedy=remedy)
    return earlier


def _state(ports: Ports, tx: Transaction, asked: Asked, *, authenticated: bool) -> ProposalState:
    proposal, decision, built = asked.question.proposal, asked.decision, asked.question.derived.built
    incident = find_incident(tx, proposal, asked.question.view.cluster)
    change = built.change if built else None
    return ProposalState(
        id="prop-" + canonical.digest([decision.decision_id, proposal.proposer.id])[7:19],
        status=_first_status(ports, asked),
        proposal=proposal.as_document(),
        authenticated=authenticated,
        action_digest=decision.action_digest,
        incident_key=incident.key if incident else "",
        created_at=asked.question.now,
        decision=decision.model_dump(mode="json"),
        change=change_document(change) if change else None,
        applied_by=built.applied_by if built else "",
    )


def _first_status(ports: Ports, asked: Asked) -> ProposalStatus:
    decision = asked.decision
    if decision.outcome == "deny":
        return "refused"
    opens = asked.document.change.needed and decision.mode == "enforce" and ports.forge is not None
    return "opening" if opens else "recorded"


def _record_decision(tx: Transaction, asked: Asked, proposal_id: str) -> None:
    """The claim, the whole input and the decision, so that the decision can be replayed exactly."""
    at, proposal = asked.question.now, asked.question.proposal
    tx.append(Entry("proposal", proposal_id, proposal.as_document()), at=at)
    tx.append(Entry("input", asked.decision.decision_id, asked.document.model_dump(mode="json")), at=at)
    body = {"proposal": proposal_id, "decision": asked.decision.model_dump(mode="json")}
    tx.append(Entry("decision", asked.decision.decision_id, body), at=at)


def _reserve(tx: Transaction, asked: Asked) -> None:
    decision, question = asked.decision, asked.question
    note_opening(tx, decision.decision_id, now=question.now)
    scope, expires = budget_scope(question.proposal), decision.expires_at
    if decision.automatic:
        tx.reserve(Reservation("automatic_fixes", scope, 1, decision.decision_id, question.now, expires))
    if pods := question.derived.blast.pods:
        tx.reserve(Reservation("pods", scope, pods, decision.decision_id, question.now, expires))


def _remember(tx: Transaction, state: ProposalState, proposal: Proposal) -> None:
    tx.put("proposals", state.id, state.as_document(), status=state.status, at=state.created_at)
    if proposal.idempotency_key:
        key = f"{proposal.proposer.id}|{proposal.idempotency_key}"
        tx.put("idempotency", key, {"proposal": state.id}, at=state.created_at)
