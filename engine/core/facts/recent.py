"""Recent changes: what was rolled out on the target shortly before, and whether a rollout is still going."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.errors import BadInput
from engine.core.facts.cluster_view import ClusterView, Object, spec_of
from engine.core.input_document import RecentFacts
from engine.core.moment import parse_instant, seconds_between
from engine.core.proposal import TargetReference

WINDOW_SECONDS = 86_400
_FAILING = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError", "RunContainerError")


def recent_facts(view: ClusterView, target: TargetReference, commits: Sequence[str] | None, now: str) -> RecentFacts:
    """Changes within a day before ``now``: commit times of the target's source, and its own rollouts.

    ``commits`` is ``None`` where the repository's history couldn't be read.
    """
    rollouts = rollout_times(view, target)
    known = commits is not None and rollouts is not None and view.readable("ReplicaSet", "Deployment")
    times = [*(commits or ()), *(rollouts or ())]
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
        if any(
            (r.get("kind"), r.get("name")) == (target.kind, target.name)
            for r in rs["metadata"].get("ownerReferences") or ()
        )
    ]
    return sorted(owned, key=revision, reverse=True)


def revision(replica_set: Object) -> int:
    """The rollout number of a ReplicaSet; 0 where it has none."""
    text = (replica_set["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision", "0")
    return int(text) if text.isascii() and text.isdecimal() else 0


def rollout_times(view: ClusterView, target: TargetReference) -> list[str] | None:
    """When each ReplicaSet of a Deployment was made, without its first: the first is a birth, not a change.

    ``None`` when one of them doesn't say.
    """
    times = [rs["metadata"].get("creationTimestamp") for rs in replica_sets(view, target)]
    try:
        return sorted((str(time) for time in times), key=parse_instant)[1:]
    except BadInput:
        return None


def rollout_in_progress(view: ClusterView, target: TargetReference) -> bool:
    """Whether a rollout of the target goes on and isn't already failing; a failing one is an incident, not a deploy.

    One that came to its end stays ended: pods that are ready no more afterwards are no deploy either.
    """
    workload: dict[str, Any] = view.get(target.kind, target.namespace, target.name) or {}
    if target.kind != "Deployment" or not workload:
        return False
    status, replicas = workload.get("status") or {}, spec_of(workload).get("replicas")
    wanted = 1 if replicas is None else replicas
    current = (status.get("observedGeneration") or 0) >= (workload["metadata"].get("generation") or 0)
    updated = (status.get("updatedReplicas") or 0) >= wanted
    if current and updated and ((status.get("availableReplicas") or 0) >= wanted or _came_to_its_end(status)):
        return False
    pods = view.pods_by_workload.get((target.kind, target.namespace, target.name), [])
    return not any(failing(pod) for pod in pods)


def _came_to_its_end(status: Object) -> bool:
    """Whether the Deployment controller has seen the present template whole once; it doesn't take that back."""
    said = [one.get("reason") for one in status.get("conditions") or () if one.get("type") == "Progressing"]
    return said == ["NewReplicaSetAvailable"] and status.get("replicas") == status.get("updatedReplicas")


def failing(pod: Object) -> bool:
    """Whether a container of this pod waits in a state that Kubernetes itself calls an error, or just ended with one.

    Between two crashes a container runs for a while. That is no rollout that goes on: nobody waits for it to get ready.
    """
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return any(_waits_in_error(status) or _fell_before(status) for status in statuses)


def _waits_in_error(status: Object) -> bool:
    return ((status.get("state") or {}).get("waiting") or {}).get("reason") in _FAILING


def _fell_before(status: Object) -> bool:
    ended = (status.get("lastState") or {}).get("terminated") or (status.get("state") or {}).get("terminated") or {}
    return not status.get("ready") and bool(status.get("restartCount")) and bool(ended.get("exitCode"))
