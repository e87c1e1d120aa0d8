"""Verify: an action is done when the runbook's checks have held for the soak, not when it was merged.

First the GitOps controller has to say that the merged commit is in the cluster; until then nothing is judged, and
after a bound people are told. A cluster that can't be read neither helps nor harms: it is looked at again.

Success resolves the incident with a note that links the change. Failure tells people and, where undoing makes
sense, proposes the inverse through the same gate, once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.core.action.governance import LEARN, PROMOTE
from engine.core.action.infrastructure import APPLY_PLAN
from engine.core.autonomy import phase_of, place_of
from engine.core.errors import KindUnreadable
from engine.core.facts.cluster_view import KINDS, ClusterView
from engine.core.incident import Incident, resolve
from engine.core.lifecycle import FOLLOWED, ProposalState, read_change
from engine.core.message import Message, about_proposal
from engine.core.moment import seconds_between
from engine.core.proposal import ActionRequest, ClaimedProposer, Proposal
from engine.core.record import Entry
from engine.core.runbook import Runbook, Verification, VerificationCheck
from engine.core.verification import CheckResult, Watched, verify_checks
from engine.ports import Ports, Transaction
from engine.usecases.announce import announce
from engine.usecases.autonomy import demote
from engine.usecases.follow_sync import Followed, follow_sync
from engine.usecases.observe_cluster import look
from engine.usecases.propose import propose
from engine.usecases.resume import advance
from engine.usecases.settle import load, load_in, store
from engine.usecases.situation import find_incident

PATIENCE = 3
VERIFIER = ClaimedProposer(id="penstock:verification", kind="pipeline")

_PLAIN = Verification(checks=[VerificationCheck(id="rollout_complete")], soak_seconds=120)
_NOT_UNDONE = ("restart_workload", "revert_commit")


@dataclass(frozen=True, slots=True)
class _Seen:
    """One look: what the checks say, for how long they have to, and what the GitOps controller says."""

    results: list[CheckResult]
    soak_seconds: int
    followed: Followed | None
    sync_seconds: int


def verify(ports: Ports, proposal_id: str, *, now: str) -> tuple[ProposalState, list[CheckResult]]:
    """Look once; the state moves to ``succeeded`` after a whole soak, to ``failed`` after three without success, and
    to ``not_synced`` when the merged commit isn't in the cluster after ``ports.sync_seconds``.

    An approved plan is over when the pipeline says that it applied it, a promotion when policy data says so, a lesson
    when the branch has it.
    Of one that failed already, only the inverse is made up for, where a crash came before it.
    Raises :class:`KindUnreadable` where the target can't be looked at now.
    """
    state = load(ports, proposal_id)
    if state.status == "failed":
        _undo(ports, state, now)
    if state.status not in FOLLOWED or state.claims.action.kind == APPLY_PLAN:
        return state, []
    if state.claims.action.kind == PROMOTE:
        return _in_force(ports, state, now), []
    if state.claims.action.kind == LEARN:
        return _taught(ports, state, now), []
    view = look(ports.cluster)
    if blind := _blind(view, state):
        ports.ledger.run(lambda tx: _begin_anew(tx, proposal_id, now))
        raise KindUnreadable(f"{blind} can't be read, so nothing is verified", where=proposal_id)
    incident = ports.ledger.run(lambda tx: find_incident(tx, state.claims, view.cluster))
    runbook = ports.runbooks.get(incident.incident_class) if incident else None
    wanted = runbook.verification if runbook else _PLAIN
    watched = Watched(view, state.claims.action.target, state.merged_at, _firing(incident))
    followed = follow_sync(ports, state)
    results = [*_sync_results(followed), *verify_checks(wanted.checks, watched)]
    seen = _Seen(results, wanted.soak_seconds, followed, ports.sync_seconds)

    def unit(tx: Transaction) -> ProposalState:
        judged = _judged(tx, load_in(tx, proposal_id), seen, now)
        if judged.status == "succeeded":
            _resolve(tx, judged, now)
        if judged.status == "failed":
            announce(tx, _failed_message(judged, results, runbook, now))
            demote(tx, judged, f"{judged.id} failed its verification", now=now)
        return judged

    moved = ports.ledger.run(unit)
    if moved.status == "failed":
        _undo(ports, moved, now)
    return moved, results


def _blind(view: ClusterView, state: ProposalState) -> str:
    """A kind without which nothing can be said of the target now, empty where there is none."""
    wanted = dict.fromkeys(("Pod", state.claims.action.target.kind))
    return next((kind for kind in wanted if kind in KINDS and not view.readable(kind)), "")


def _begin_anew(tx: Transaction, proposal_id: str, now: str) -> None:
    """A soak that nobody could watch begins anew."""
    current = load_in(tx, proposal_id)
    if current.passing_since:
        store(tx, replace(current, passing_since=""), now)


def _sync_results(followed: Followed | None) -> list[CheckResult]:
    if followed is None:
        return []
    said = followed.sync.sentence
    return [CheckResult("synced", followed.synced, said), CheckResult("healthy", followed.sync.healthy, said)]


def _in_force(ports: Ports, state: ProposalState, now: str) -> ProposalState:
    """A promotion is done once the policy that decides here has the phase."""
    action = state.claims.action
    phase = phase_of(ports.policy.data("autonomy"), place_of(action.target, action.target.name))
    return _done(ports, state, f"policy data says {phase}", now) if phase == action.params["phase"] else state


def _taught(ports: Ports, state: ProposalState, now: str) -> ProposalState:
    """A lesson is done once the protected branch has it."""
    edits = read_change(state.change or {}).edits
    if ports.repository is None:
        return state
    head = ports.repository.head(ports.branch)
    held = all(ports.repository.read(head, edit.path) == edit.after for edit in edits)
    return _done(ports, state, f"{ports.branch} has it", now) if held else state


def _done(ports: Ports, state: ProposalState, note: str, now: str) -> ProposalState:
    def unit(tx: Transaction) -> ProposalState:
        done = load_in(tx, state.id).to("succeeded", note=note)
        tx.append(Entry("verification", done.id, {"status": done.status, "note": note}), at=now)
        return store(tx, done, now)

    return ports.ledger.run(unit)


def _firing(incident: Incident | None) -> frozenset[str]:
    """Alerts, drift and findings of the incident that haven't been reported as over."""
    if incident is None:
        return frozenset()
    return frozenset(
        f"{source}:{reason}" for source, reason in set(incident.kinds) - set(incident.cleared) if source != "kubernetes"
    )


def _judged(tx: Transaction, state: ProposalState, seen: _Seen, now: str) -> ProposalState:
    if state.status not in FOLLOWED:
        return state
    moved = _synced(tx, state, seen, now)
    if moved.synced_at:
        moved = _soaked(moved, seen, now)
    body = {
        "status": moved.status,
        "synced_at": moved.synced_at,
        "passing_since": moved.passing_since,
        "checks": [{"id": r.id, "holds": r.holds, "sentence": r.sentence} for r in seen.results],
    }
    if moved != state or _last_said(tx, state.id) != body:
        tx.append(Entry("verification", state.id, body), at=now)
    return store(tx, moved, now)


def _last_said(tx: Transaction, proposal_id: str) -> dict[str, object] | None:
    said = tx.records(kind="verification", subject=proposal_id)
    return said[-1].body if said else None


def _synced(tx: Transaction, state: ProposalState, seen: _Seen, now: str) -> ProposalState:
    """Where nobody can say whether the commit was applied, the checks alone speak, from the merge on."""
    followed = seen.followed
    if state.synced_at:
        return state
    if followed is None:
        return replace(state, synced_at=state.merged_at)
    if followed.synced:
        found = replace(state, synced_at=now, note="")
        return found if state.status == "verifying" else found.to("verifying")
    if state.status == "verifying" and seconds_between(state.merged_at, now) >= seen.sync_seconds:
        note = f"not applied {seen.sync_seconds} s after the merge: {followed.sync.sentence}"
        late = state.to("not_synced", note=note)
        announce(tx, about_proposal(late, "not_synced", "A merged change isn't applied", note, at=now))
        return late
    return state


def _soaked(state: ProposalState, seen: _Seen, now: str) -> ProposalState:
    holds = all(result.holds for result in seen.results)
    since = (state.passing_since or now) if holds else ""
    moved = replace(state, passing_since=since)
    if holds and seconds_between(since, now) >= seen.soak_seconds:
        return moved.to("succeeded", note=f"verified for {seen.soak_seconds} s")
    if not holds and seconds_between(state.synced_at, now) >= PATIENCE * seen.soak_seconds:
        failing = ", ".join(dict.fromkeys(result.sentence for result in seen.results if not result.holds))
        return moved.to("failed", note=f"verification failed: {failing}")
    return moved


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
