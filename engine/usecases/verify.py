"""Verify: an action is done when the runbook's checks have held for the soak, not when it was merged.

Success resolves the incident with a note that links the change. Failure tells people and, where undoing makes
sense, proposes the inverse through the same gate, once.
"""

from __future__ import annotations

from dataclasses import replace

from engine.core.action.infrastructure import APPLY_PLAN
from engine.core.incident import Incident, resolve
from engine.core.lifecycle import ProposalState
from engine.core.message import Message, about_proposal
from engine.core.moment import seconds_between
from engine.core.proposal import ActionRequest, ClaimedProposer, Proposal
from engine.core.record import Entry
from engine.core.runbook import Runbook, Verification, VerificationCheck
from engine.core.verification import CheckResult, Watched, verify_checks
from engine.ports import Ports, Transaction
from engine.usecases.announce import announce
from engine.usecases.observe_cluster import look
from engine.usecases.propose import propose
from engine.usecases.resume import advance
from engine.usecases.settle import load, load_in, store
from engine.usecases.situation import find_incident

PATIENCE = 3
VERIFIER = ClaimedProposer(id="penstock:verification", kind="pipeline")

_PLAIN = Verification(checks=[VerificationCheck(id="rollout_complete")], soak_seconds=120)
_NOT_UNDONE = ("restart_workload", "revert_commit")


def verify(ports: Ports, proposal_id: str, *, now: str) -> tuple[ProposalState, list[CheckResult]]:
    """Look once; the state moves to ``succeeded`` after a whole soak, to ``failed`` after three without success.

    An approved plan is over when the pipeline says that it applied it.
    Of one that failed already, only the inverse is made up for, where a crash came before it.
    """
    state = load(ports, proposal_id)
    if state.status == "failed":
        _undo(ports, state, now)
    if state.status != "verifying" or state.claims.action.kind == APPLY_PLAN:
        return state, []
    view = look(ports.cluster)
    incident = ports.ledger.run(lambda tx: find_incident(tx, state.claims, view.cluster))
    runbook = ports.runbooks.get(incident.incident_class) if incident else None
    wanted = runbook.verification if runbook else _PLAIN
    watched = Watched(view, state.claims.action.target, state.merged_at, _firing(incident))
    results = verify_checks(wanted.checks, watched)

    def unit(tx: Transaction) -> ProposalState:
        judged = _judged(tx, load_in(tx, proposal_id), results, wanted, now)
        if judged.status == "succeeded":
            _resolve(tx, judged, now)
        if judged.status == "failed":
            announce(tx, _failed_message(judged, results, runbook, now))
        return judged

    moved = ports.ledger.run(unit)
    if moved.status == "failed":
        _undo(ports, moved, now)
    return moved, results


def _firing(incident: Incident | None) -> frozenset[str]:
    """Alerts, drift and findings of the incident that haven't been reported as over."""
    if incident is None:
        return frozenset()
    return frozenset(
        f"{source}:{reason}" for source, reason in set(incident.kinds) - set(incident.cleared) if source != "kubernetes"
    )


def _judged(
    tx: Transaction, state: ProposalState, results: list[CheckResult], wanted: Verification, now: str
) -> ProposalState:
    if state.status != "verifying":
        return state
    holds = all(result.holds for result in results)
    since = (state.passing_since or now) if holds else ""
    moved = replace(state, passing_since=since)
    if holds and seconds_between(since, now) >= wanted.soak_seconds:
        moved = moved.to("succeeded", note=f"verified for {wanted.soak_seconds} s")
    elif not holds and seconds_between(state.merged_at, now) >= PATIENCE * wanted.soak_seconds:
        failing = ", ".join(result.sentence for result in results if not result.holds)
        moved = moved.to("failed", note=f"verification failed: {failing}")
    body = {
        "status": moved.status,
        "passing_since": since,
        "checks": [{"id": r.id, "holds": r.holds, "sentence": r.sentence} for r in results],
    }
    tx.append(Entry("verification", state.id, body), at=now)
    return store(tx, moved, now)


def _resolve(tx: Transaction, state: ProposalState, now: str) -> None:
    """The incident is over, where there is one that wasn't before; its note links what ended it."""
    incident = find_incident(tx, state.claims, state.claims.action.target.cluster)
    if incident is None or incident.status == "resolved":
        return
    because = f"{state.claims.action.kind} was merged as {state.merge_commit[:12]} and verified ({state.id})"
    done = resolve(incident, at=now, because=because)
    tx.put("incidents", done.id, done.as_document(), status=done.status, at=now)
    body = {"status": "resolved", "note": because, "commit": state.merge_commit, "proposal": state.id}
    tx.append(Entry("status_change", done.id, body), at=now)
    told = about_proposal(state, "resolved", "Incident resolved", because, at=now)
    announce(tx, replace(told, links=told.links | {"incident": done.id}))


def _failed_message(state: ProposalState, results: list[CheckResult], runbook: Runbook | None, now: str) -> Message:
    said = "; ".join(result.sentence for result in results if not result.holds)
    text = f"{state.claims.action.kind} didn't help: {said}. {runbook.escalation.text if runbook else ''}".strip()
    return about_proposal(state, "escalated", "An action failed its verification", text, at=now)


def _undo(ports: Ports, state: ProposalState, now: str) -> None:
    """Propose the inverse through the same gate; its idempotency key keeps it to one."""
    proposal = inverse(state)
    if proposal is not None and not _proposed(ports, proposal):
        advance(ports, propose(ports, proposal, authenticated=True, now=now), now=now)


def _proposed(ports: Ports, proposal: Proposal) -> bool:
    key = f"{proposal.proposer.id}|{proposal.idempotency_key}"
    return ports.ledger.run(lambda tx: tx.find("idempotency", key) is not None)


def inverse(state: ProposalState) -> Proposal | None:
    """What would undo a failed action; ``None`` for what undoing would only repeat, and for an inverse itself."""
    claims = state.claims
    if state.status != "failed" or claims.action.kind in _NOT_UNDONE or not state.merge_commit:
        return None
    action = ActionRequest(kind="revert_commit", target=claims.action.target, params={"commit": state.merge_commit})
    return Proposal(
        proposer=VERIFIER,
        action=action,
        incident=claims.incident,
        reason=f"{state.id} failed its verification",
        evidence=claims.evidence,
        idempotency_key=f"inverse-{state.id}",
    )
