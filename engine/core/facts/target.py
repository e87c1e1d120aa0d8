"""Facts about the target itself: does it exist, whose is it, where does it run, does it hold state."""

from __future__ import annotations

from typing import get_args

from engine.core.facts.cluster_view import ClusterView, Object, labels, pod_template, spec_of
from engine.core.input_document import Criticality, Environment, TargetFacts
from engine.core.proposal import TargetReference

ENVIRONMENT_LABEL = "penstock.dev/environment"
CRITICALITY_LABEL = "penstock.dev/criticality"
OWNER_LABEL = "penstock.dev/owner"

_STATEFUL_KINDS = ("StatefulSet", "PersistentVolumeClaim", "PersistentVolume")


def find_target(view: ClusterView, target: TargetReference) -> Object | None:
    """The target as the cluster has it, or ``None``; a target in another cluster is not here."""
    if target.cluster != view.cluster:
        return None
    return view.get(target.kind, target.namespace, target.name)


def target_facts(view: ClusterView, target: TargetReference, *, managed_by_git: bool) -> TargetFacts:
    """Facts of a target.

    Environment and criticality come from its namespace, so that a workload can't declare itself harmless.
    """
    obj = find_target(view, target)
    namespace_name = target.name if target.kind == "Namespace" else target.namespace
    namespace = view.get("Namespace", "", namespace_name) if target.cluster == view.cluster else None
    metadata = (obj or {}).get("metadata", {})
    environment, criticality = _standing(view, obj, namespace, target)
    return TargetFacts(
        found=obj is not None,
        uid=str(metadata.get("uid") or ""),
        resource_version=str(metadata.get("resourceVersion") or ""),
        generation=metadata.get("generation"),
        environment=environment,
        criticality=criticality,
        owner=labels(namespace).get(OWNER_LABEL, "") or labels(obj).get(OWNER_LABEL, ""),
        stateful=target.kind in _STATEFUL_KINDS or (obj is not None and _mounts_claims(obj)),
        managed_by_git=managed_by_git,
    )


def _standing(
    view: ClusterView, obj: Object | None, namespace: Object | None, target: TargetReference
) -> tuple[Environment, Criticality]:
    """Of the namespace; of a node, the most careful standing among the namespaces whose pods run on it."""
    sources = [namespace]
    if target.kind == "Node" and obj is not None:
        here = (pod for pod in view.of("Pod") if spec_of(pod).get("nodeName") == target.name)
        names = {pod["metadata"].get("namespace", "") for pod in here}
        sources = [view.get("Namespace", "", name) for name in sorted(names)]
    environments = [_one_of(labels(source).get(ENVIRONMENT_LABEL), get_args(Environment)) for source in sources]
    criticalities = [_one_of(labels(source).get(CRITICALITY_LABEL), get_args(Criticality)) for source in sources]
    environment = next((e for e in ("unknown", "production", "staging", "development") if e in environments), "unknown")
    criticality = next((c for c in ("unknown", "critical", "standard") if c in criticalities), "unknown")
    return environment, criticality  # type: ignore[return-value]


def _one_of(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else "unknown"


def _mounts_claims(obj: Object) -> bool:
    return any("persistentVolumeClaim" in volume for volume in pod_template(obj).get("volumes") or ())
