"""Evidence flags: yes-or-no findings about an incident that a runbook's options may depend on.

Each is derived from signals, recent changes and the cluster, never from a text. What couldn't be looked at sets no
flag, so an option that needs it isn't offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core.facts.cluster_view import ClusterView, ready
from engine.core.incident import Incident
from engine.core.moment import seconds_between
from engine.core.recent_change import RecentChange

LOOK_BACK_SECONDS = 3600

_MEMORY = frozenset({"OOMKilled", "OOMKilling", "KubeContainerOOMKilled", "ContainerOOMKilled"})


def evidence_flags(
    incident: Incident, changes: Sequence[RecentChange], view: ClusterView | None = None, *, attempts: int = 0
) -> frozenset[str]:
    """The flags that hold of an incident; ``attempts`` counts actions already tried on it."""
    recent = just_before(incident, changes)
    kinds = {change.kind for change in recent}
    nodes = [s.labels["node"] for s in incident.signals if s.labels.get("node") and s.subject.kind == "Pod"]
    pods = {s.subject for s in incident.signals if s.subject.kind == "Pod"}
    holds = {
        "recent_change": bool(recent),
        "recent_image_change": "image" in kinds,
        "recent_config_change": "config" in kinds,
        "out_of_memory": any(reason in _MEMORY for _, reason in incident.kinds),
        "node_unhealthy": any(member.kind == "Node" for member in incident.members),
        "single_node": len(pods) > 1 and len(set(nodes)) == 1,
        "some_pods_ready": view is not None and _some_ready(view, incident),
        "autoscaler_present": view is not None and _autoscaled(view, incident),
        "attempted_before": attempts > 0,
    }
    return frozenset(flag for flag, value in holds.items() if value)


def just_before(incident: Incident, changes: Iterable[RecentChange]) -> list[RecentChange]:
    """The changes within an hour before the first signal, newest first."""
    found = [c for c in changes if 0 <= seconds_between(c.at, incident.first_seen) <= LOOK_BACK_SECONDS]
    return sorted(found, key=lambda change: (change.at, change.kind == "image"), reverse=True)


def _some_ready(view: ClusterView, incident: Incident) -> bool:
    root = incident.root
    pods = view.pods_by_workload.get((root.kind, root.namespace, root.name), [])
    return any(ready(pod) for pod in pods)


def _autoscaled(view: ClusterView, incident: Incident) -> bool:
    root = incident.root
    targets = [h["spec"]["scaleTargetRef"] for h in view.of("HorizontalPodAutoscaler", root.namespace)]
    return any(t.get("kind") == root.kind and t.get("name") == root.name for t in targets)
