"""Whether an object is one of an incident's own, or of what its own depend on.

A runbook is written for one kind of trouble and lent to whoever answers it. Lent to any object, it would let an
agent cite one workload's crash loop and restart another. So the gate works out for itself how the target belongs:
by owner references, selectors, mounts, nodes and the services that the incident's workloads call. What it can't
tell is unknown, which policy refuses.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.facts.blast import affected_pods, calls, named, refers_to
from engine.core.facts.cluster_view import WORKLOAD_KINDS, ClusterView, Object, labels, pod_template, selects, spec_of
from engine.core.facts.target import find_target
from engine.core.incident import Incident
from engine.core.proposal import TargetReference

Named = tuple[str, str, str]

_REFERRED = ("ConfigMap", "Secret", "PersistentVolumeClaim")
_MANAGING = ("Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy")
_READ = ("Pod", "ReplicaSet", "Job", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Service")


def concerns_target(incident: Incident, target: TargetReference, view: ClusterView) -> bool | None:
    """Whether ``target`` belongs to the incident; ``None`` where the gate doesn't know how to tell, or couldn't look.

    It does when it is the root or a member, owns one or is owned by one, is something that one's pods mount, run on or
    are selected by, or is what one of its workloads calls. An incident of a namespace or of its quota is one of
    everything in that namespace.
    """
    if target.cluster != incident.root.cluster or target.cluster != view.cluster:
        return False
    own = _own(incident, view)
    workloads = _workloads(own, view)
    if _itself(own | workloads, target, view):
        return True
    answer = _belongs(workloads, target, view)
    return None if answer is False and not view.readable(*_READ) else answer


def _own(incident: Incident, view: ClusterView) -> set[Named]:
    """Root and members, with the topmost owner of each."""
    cluster = incident.root.cluster
    found = {(m.kind, m.namespace, m.name) for m in (incident.root, *incident.members) if m.cluster == cluster}
    return found | {_top(one, view) for one in found}


def _top(one: Named, view: ClusterView) -> Named:
    found = view.get(*one)
    return one if found is None else view.root_owner(one[0], found)


def _itself(own: set[Named], target: TargetReference, view: ClusterView) -> bool:
    places = {name for kind, _, name in own if kind == "Namespace"}
    places |= {namespace for kind, namespace, _ in own if kind == "ResourceQuota"}
    itself = named(target)
    return itself in own or _top(itself, view) in own or (target.namespace != "" and target.namespace in places)


def _workloads(own: set[Named], view: ClusterView) -> set[Named]:
    """The workloads among an incident's own objects, and those behind an autoscaler, service or claim among them."""
    found = {one for one in own if one[0] in (*WORKLOAD_KINDS, "Pod")}
    for kind, namespace, name in own:
        if kind in (*_MANAGING, *_REFERRED):
            behind = TargetReference(cluster=view.cluster, namespace=namespace, kind=kind, name=name)
            found |= {view.root_owner("Pod", pod) for pod in affected_pods(view, behind) or ()}
    return found


def _belongs(workloads: set[Named], target: TargetReference, view: ClusterView) -> bool | None:
    """Whether a target stands under, over or before these workloads."""
    if target.kind in _REFERRED:
        return any(refers_to(spec, target.kind, target.name) for spec in _pod_specs(workloads, target.namespace, view))
    if target.kind == "Node":
        return any(spec.get("nodeName") == target.name for spec in _pod_specs(workloads, None, view))
    if target.kind in _MANAGING:
        return _manages(workloads, target, view)
    if target.kind in (*WORKLOAD_KINDS, "Pod"):
        return _called(workloads, target, view)
    return False if target.kind in ("Namespace", "ResourceQuota") else None


def _pod_specs(workloads: Iterable[Named], namespace: str | None, view: ClusterView) -> Iterable[Object]:
    """Specs of the workloads' pods, and the templates they make pods from."""
    for one in workloads:
        if namespace in (None, one[1]):
            yield pod_template(view.get(*one) or {})
            yield from (spec_of(pod) for pod in view.pods_by_workload.get(one, ()))


def _manages(workloads: set[Named], target: TargetReference, view: ClusterView) -> bool | None:
    if find_target(view, target) is None:
        return None
    managed = {view.root_owner("Pod", pod) for pod in affected_pods(view, target) or ()}
    return bool(managed & workloads) or (target.kind == "Service" and _call(workloads, [named(target)[1:]], view))


def _called(workloads: set[Named], target: TargetReference, view: ClusterView) -> bool:
    """Whether a service that the workloads call leads to the target."""
    pods = affected_pods(view, target) or ()
    template = labels(((find_target(view, target) or {}).get("spec") or {}).get("template"))
    marked = [template, *(labels(pod) for pod in pods)]
    before = [
        (target.namespace, service["metadata"]["name"])
        for service in view.of("Service", target.namespace)
        if any(selects(spec_of(service).get("selector"), mark) for mark in marked)
    ]
    return _call(workloads, before, view)


def _call(workloads: Iterable[Named], services: Iterable[tuple[str, str]], view: ClusterView) -> bool:
    wanted = set(services)
    return bool(wanted) and any(calls(obj, wanted) for one in workloads if (obj := view.get(*one)) is not None)
