"""Open the change: what was decided becomes a branch and a pull request, once, whatever crashed in between.

It starts from the durable state, not from what the process remembers: run again after a crash, it finds the pull
request it had already opened and goes on from there. What can't be opened any more is let go, with its budget, so
that it doesn't stand in the way of what comes later.
"""

from __future__ import annotations

import re
from typing import Literal

from engine.core import canonical
from engine.core.decision import Decision
from engine.core.errors import BadInput, ChangeRefused, ForgeRefused, LostRace, RepositoryBusy
from engine.core.incident import Incident
from engine.core.input_document import InputDocument
from engine.core.lifecycle import UNDER_WAY, ProposalState, read_change, read_state
from engine.core.message import about_proposal, of_decision
from engine.core.pull_request import PullRequest, PullRequestDraft
from engine.core.pull_request_text import body, commit_message, title
from engine.core.receipt import Receipt
from engine.core.record import Entry
from engine.ports import Forge, Ports, Transaction
from engine.usecases.announce import announce
from engine.usecases.ask_reviewers import new_needs, note_needs, whom_to_ask
from engine.usecases.situation import find_incident
from engine.usecases.weigh_reviews import remember_proposer, remember_showing

GATE = "penstock <penstock@localhost>"


def open_change(ports: Ports, state: ProposalState, *, now: str) -> ProposalState:
    """Open the pull request of a proposal that is ``opening``, or find it open; the state then awaits approval.

    While the switch isn't normal it stays as it is. A decision that has expired, or gave way to a later one, is let go.
    Raises :class:`ForgeRefused`, :class:`ChangeRefused` or :class:`BadInput` after letting go of what can't be opened,
    and :class:`LostRace` or :class:`RepositoryBusy` without, because that passes.
    """
    decision = state.verdict
    if state.status != "opening" or ports.forge is None or decision is None or state.change is None:
        return state
    if now >= decision.expires_at:
        return _let_go(ports, state, "expired", "Its decision expired before it was opened; propose it again.", now)
    mode, replaced = ports.ledger.run(lambda tx: (tx.switch_mode(), _replaced(tx, state)))
    if replaced:
        return _let_go(ports, state, "closed", f"gave way to {replaced} before it was opened", now)
    if mode != "normal":
        return state
    try:
        return _open(ports, ports.forge, state, decision, now)
    except (LostRace, RepositoryBusy):
        raise
    except (ForgeRefused, ChangeRefused, BadInput) as refusal:
        _let_go(ports, state, "closed", refusal.message, now)
        raise


def _replaced(tx: Transaction, state: ProposalState) -> str:
    """A later proposal that stands on the same pull request already; empty where there is none."""
    under_way = (read_state(found) for status in UNDER_WAY for found in tx.select("proposals", status=status))
    later = (other for other in under_way if other.pull_request is not None and other.created_at > state.created_at)
    return next((other.id for other in later if other.pull_request_key == state.pull_request_key), "")


def _let_go(
    ports: Ports, state: ProposalState, status: Literal["closed", "expired"], note: str, now: str
) -> ProposalState:
    """Give up what was never opened: its budget goes back, and the record says why."""

    def unit(tx: Transaction) -> ProposalState:
        current = read_state(tx.find("proposals", state.id) or state.as_document())
        if current.status != "opening":
            return current
        announce(tx, about_proposal(current, status, "Not opened", note, at=now))
        return _end(tx, current, status, note, now)

    return ports.ledger.run(unit)


def _end(
    tx: Transaction, state: ProposalState, status: Literal["closed", "expired"], note: str, now: str
) -> ProposalState:
    ended = state.to(status, note=note)
    tx.settle(ended.decision_id, committed=False, at=now)
    tx.append(Entry(status, ended.id, {"note": note, "number": ended.pull_request}), at=now)
    tx.put("proposals", ended.id, ended.as_document(), status=ended.status, at=now)
    return ended


def _open(ports: Ports, forge: Forge, state: ProposalState, decision: Decision, now: str) -> ProposalState:
    document, anchor, incident = ports.ledger.run(lambda tx: _read(tx, state))
    change, found = read_change(state.change or {}), forge.find(state.pull_request_key)
    standing = next((each.number for each in found if each.state == "open"), 0)
    wanted = ports.ledger.run(lambda tx: new_needs(tx, standing, decision, change.digest))
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
        reviewers=whom_to_ask(ports, wanted, change),
        author=state.claims.proposer.id,
        commit_message=commit_message(state, change.summary, receipt.trailers()),
        action_digest=state.action_digest,
        decision_id=decision.decision_id,
    )
    # What a crash left of this very decision is taken up, also when somebody has merged or closed it since.
    there = next((each for each in found if each.decision_id == draft.decision_id), None)
    opened = there or forge.open(draft, change, at=state.created_at)
    if opened.edited_by_person:
        remedy = "Merge or delete the branch by hand; the gate leaves it alone"
        raise ForgeRefused("the branch holds a commit that the gate didn't make", where=draft.branch, remedy=remedy)
    return ports.ledger.run(lambda tx: _opened(tx, state, opened, receipt, now))


def _branch(state: ProposalState) -> str:
    """One branch for incident and target, so that a later proposal updates it in place."""
    action = state.claims.action
    place = re.sub(r"[^A-Za-z0-9]+", "-", f"{action.target.namespace or 'cluster'}-{action.target.name}")
    return f"penstock/{place[:80].strip('-')}-{canonical.digest(state.pull_request_key)[7:15]}"


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
    remember_proposer(tx, opened.number, state.action_digest, state.claims.proposer, at=now)
    if (said := moved.verdict) is not None:
        remember_showing(tx, opened, receipt.change_digest, said, at=now, made=True)
        note_needs(tx, opened.number, said, receipt.change_digest, at=now)
    tx.put("proposals", moved.id, moved.as_document(), status=moved.status, at=now)
    if said is not None and not said.automatic:
        announce(tx, of_decision(moved, "approval_wanted", said, at=now))
    return moved


def _supersede(tx: Transaction, state: ProposalState, opened: PullRequest, now: str) -> None:
    """An earlier proposal on the same pull request gave way to this one; its budget goes back."""
    for document in tx.select("proposals", status="awaiting_approval"):
        earlier = read_state(document)
        if earlier.id != state.id and earlier.pull_request == opened.number:
            _end(tx, earlier, "closed", f"updated in place by {state.id}", now)
