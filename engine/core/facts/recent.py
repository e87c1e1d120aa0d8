"""Recent changes: what was rolled out on the target shortly before, and whether a rollout is still going."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.facts.cluster_view import ClusterView, Object
from engine.core.input_document import RecentFacts
from engine.core.moment import parse_instant, seconds_between
from engine.core.proposal import TargetReference

WINDOW_SECONDS = 86_400
_FAILING = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError", "RunContainerError")


def recent_facts(view: ClusterView, target: TargetReference, commits: Sequence[str] | None, now: str) -> RecentFacts:
    """Changes within a day before ``now``: commit times of the target's source, and its own rollouts.

    ``commits`` is ``None`` where the repository's history couldn't be read.
    """
    known = commits is not None and view.readable("ReplicaSet", "Deployment")
    times = [*(commits or ()), *rollout_times(view, target)]
    ages = sorted(age for t in times if 0 <= (age := seconds_between(t, now)) <= WINDOW_SECONDS)
    return RecentFacts(
        known=known,
        changes=len(ages),
        last_age_seconds=ages[0] if ages else None,
        deploy_in_progress=rollout_in_progress(view, target),
    )


def replica_sets(view: ClusterView, target: TargetReference) -> list[Object]:
    """ReplicaSets of a Deployment, newest revision first."""
    owned = [
        rs
        for rs in view.of("ReplicaSet", target.namespace)
        if any(r["kind"] == target.kind and r["name"] == target.name for r in rs["metadata"].get("ownerReferences", ()))
    ]
    return sorted(owned, key=revision, reverse=True)


def revision(replica_set: Object) -> int:
    """The rollout number of a ReplicaSet; 0 where it has none."""
    text = (replica_set["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision", "0")
    return int(text) if text.isdigit() else 0


def rollout_times(view: ClusterView, target: TargetReference) -> list[str]:
    """When each ReplicaSet of a Deployment was made, without its first: the first is a birth, not a change."""
    times = [rs["metadata"]["creationTimestamp"] for rs in replica_sets(view, target)]
    return sorted(times, key=parse_instant)[1:]


def rollout_in_progress(view: ClusterView, target: TargetReference) -> bool:
    """Whether a rollout of the target goes on and isn't already failing; a failing one is an incident, not a deploy."""
    workload: dict[str, Any] = view.get(target.kind, target.namespace, target.name) or {}
    if target.kind != "Deployment" or not workload:
        return False
    status, spec = workload.get("status") or {}, workload.get("spec") or {}
    current = status.get("observedGeneration", 0) >= workload["metadata"].get("generation", 0)
    updated = status.get("updatedReplicas", 0) >= spec.get("replicas", 1)
    if current and updated and status.get("availableReplicas", 0) >= spec.get("replicas", 1):
        return False
    pods = view.pods_by_workload.get((target.kind, target.namespace, target.name), [])
    return not any(failing(pod) for pod in pods)


def failing(pod: Object) -> bool:
    """Whether a container of this pod waits in a state that Kubernetes itself calls an error."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return any(((s.get("state") or {}).get("waiting") or {}).get("reason") in _FAILING for s in statuses)
