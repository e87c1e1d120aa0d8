"""Verification: does the cluster show that the action helped, read from what the API says and nothing else.

An action isn't done when it was applied; it is done when the runbook's checks have held for a soak time. A check
whose objects can't be read doesn't hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.core.facts.cluster_view import ClusterView, Object, ready, spec_of
from engine.core.facts.recent import failing
from engine.core.moment import parse_instant
from engine.core.proposal import TargetReference
from engine.core.runbook import VerificationCheck


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check and whether it holds now, with the sentence for a person."""

    id: str
    holds: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at: a view, the target, when the action was merged and which alerts still fire."""

    view: ClusterView
    target: TargetReference
    since: str
    firing: frozenset[str] = frozenset()

    @property
    def live(self) -> Object:
        """The target as the cluster has it; empty when there is none."""
        return self.view.get(self.target.kind, self.target.namespace, self.target.name) or {}

    @property
    def pods(self) -> Sequence[Object]:
        """The target's pods."""
        return self.view.pods_by_workload.get((self.target.kind, self.target.namespace, self.target.name), [])


def verify_checks(checks: Sequence[VerificationCheck], watched: Watched) -> list[CheckResult]:
    """Each check of a runbook against a view of the cluster."""
    return [CheckResult(c.id, *_CHECKS[c.id](watched, c)) for c in checks]


Answer = tuple[bool, str]


def _pods_ready(watched: Watched, _: VerificationCheck) -> Answer:
    wanted = _wanted(watched, 1)
    count = sum(1 for pod in watched.pods if ready(pod))
    return bool(watched.live) and count >= wanted, f"{count} of {wanted} pods are ready"


def _wanted(watched: Watched, otherwise: int) -> int:
    """The replicas that are asked for; ``otherwise`` where the object doesn't say."""
    replicas = spec_of(watched.live).get("replicas")
    return replicas if isinstance(replicas, int) else otherwise


def _restarts_stable(watched: Watched, _: VerificationCheck) -> Answer:
    """No container ended or waits in an error since the merge."""
    restarted = [pod["metadata"]["name"] for pod in watched.pods if failing(pod) or _ended_since(pod, watched.since)]
    return bool(watched.pods) and not restarted, f"{len(restarted)} pods restarted since the merge"


def _ended_since(pod: Object, since: str) -> bool:
    for status in (pod.get("status") or {}).get("containerStatuses") or ():
        ended = ((status.get("lastState") or {}).get("terminated") or {}).get("finishedAt")
        if ended and parse_instant(ended) >= parse_instant(since):
            return True
    return False


def _no_new_events(watched: Watched, check: VerificationCheck) -> Answer:
    """No event with this reason about one of the target's present pods, or about the target itself, since the merge."""
    if not watched.view.readable("Event"):
        return False, "events couldn't be read"
    names = {pod["metadata"]["name"] for pod in watched.pods} | {watched.target.name}
    new = [
        event
        for event in watched.view.of("Event", watched.target.namespace)
        if event.get("reason") == check.reason
        and (event.get("involvedObject") or {}).get("name") in names
        and _seen_since(event, watched.since)
    ]
    return not new, f"{len(new)} new {check.reason} events"


def _seen_since(event: Object, since: str) -> bool:
    """An event that doesn't say when it was seen may have been seen just now."""
    at = event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp")
    return at is None or parse_instant(str(at)) >= parse_instant(since)


def _rollout_complete(watched: Watched, _: VerificationCheck) -> Answer:
    status = {key: value for key, value in (watched.live.get("status") or {}).items() if value is not None}
    wanted = _wanted(watched, status.get("desiredNumberScheduled", 1))
    observed = status.get("observedGeneration", -1) >= (watched.live.get("metadata", {}).get("generation") or 0)
    updated = status.get("updatedReplicas", status.get("updatedNumberScheduled", 0))
    available = status.get("availableReplicas", status.get("numberAvailable", 0))
    done = bool(watched.live) and observed and updated >= wanted and available >= wanted
    return done, f"{updated} of {wanted} pods are updated, {available} available"


def _alert_cleared(watched: Watched, _: VerificationCheck) -> Answer:
    return not watched.firing, f"{len(watched.firing)} alerts still fire"


def _node_ready(watched: Watched, _: VerificationCheck) -> Answer:
    return ready(watched.live), "the node is ready" if ready(watched.live) else "the node is not ready"


def _job_succeeded(watched: Watched, _: VerificationCheck) -> Answer:
    owned = [
        job
        for job in watched.view.of("Job", watched.target.namespace)
        if job["metadata"]["name"] == watched.target.name
        or any(ref.get("name") == watched.target.name for ref in job["metadata"].get("ownerReferences") or ())
    ]
    newest = max(owned, key=lambda job: str(job["metadata"].get("creationTimestamp", "")), default={})
    done = ((newest.get("status") or {}).get("succeeded") or 0) >= 1
    return done, "the newest job succeeded" if done else "no job has succeeded yet"


def _live_equals_git(watched: Watched, _: VerificationCheck) -> Answer:
    return not watched.firing, "no drift is reported" if not watched.firing else "drift is still reported"


def _finding_gone(watched: Watched, _: VerificationCheck) -> Answer:
    return not watched.firing, f"{len(watched.firing)} findings remain"


_CHECKS: dict[str, Callable[[Watched, VerificationCheck], Answer]] = {
    "pods_ready": _pods_ready,
    "restarts_stable": _restarts_stable,
    "no_new_events": _no_new_events,
    "rollout_complete": _rollout_complete,
    "alert_cleared": _alert_cleared,
    "node_ready": _node_ready,
    "job_succeeded": _job_succeeded,
    "live_equals_git": _live_equals_git,
    "finding_gone": _finding_gone,
}
