"""Blast radius: who feels an action, computed from the cluster; a figure that can't be computed is named unknown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.core.facts.cluster_view import WORKLOAD_KINDS, ClusterView, Object, labels, pod_template, selects, spec_of
from engine.core.facts.disruption import autoscaler_effect, budget_effect
from engine.core.facts.target import CRITICALITY_LABEL, find_target
from engine.core.input_document import BlastFacts, ScaleFacts
from engine.core.proposal import ActionRequest, TargetReference

Workload = tuple[str, str, str]


def blast_facts(view: ClusterView, action: ActionRequest, disruption: str, scale: ScaleFacts) -> BlastFacts:
    """Who feels ``action``; ``disruption`` is the catalogue's word for how: none, rolling, all, node or unknown."""
    pods = [] if disruption == "none" else affected_pods(view, action.target)
    unknown = _unknown(view, action, disruption, pods)
    pods = pods or []
    workloads = {view.root_owner("Pod", pod) for pod in pods} or {named(action.target)}
    in_reach = {w[1] for w in workloads}
    neighbours = sum(1 for pod in view.of("Pod") if pod["metadata"].get("namespace") in in_reach)
    depending = dependents(view, pods, workloads)
    return BlastFacts(
        unknown=sorted(unknown),
        pods=len(pods),
        pods_percent=-(-100 * len(pods) // neighbours) if neighbours else 0,
        workloads=len(workloads),
        namespaces=len(in_reach),
        dependents=len(depending),
        critical_dependents=sum(1 for w in depending if _critical(view, w)),
        disruption_budget=budget_effect(view, disruption, pods, scale),
        autoscaler=autoscaler_effect(view, action, scale),
    )


def _unknown(view: ClusterView, action: ActionRequest, disruption: str, pods: list[Object] | None) -> set[str]:
    unknown = set()
    if disruption == "unknown":
        unknown.add("disruption")
    if pods is None or not view.readable("Pod", "ReplicaSet", "Job"):
        unknown.update(("pods", "workloads"))
    if not view.readable("Service", "Deployment", "StatefulSet", "DaemonSet"):
        unknown.add("dependents")
    if find_target(view, action.target) is None:
        unknown.add("target")
    return unknown


def affected_pods(view: ClusterView, target: TargetReference) -> list[Object] | None:
    """The pods that feel a disruption of ``target``; ``None`` where the gate doesn't know how to tell."""
    finder = _FINDERS.get(target.kind)
    return None if finder is None else finder(view, target)


def _owned(view: ClusterView, target: TargetReference) -> list[Object]:
    return view.pods_by_workload.get(named(target), [])


def _itself(view: ClusterView, target: TargetReference) -> list[Object]:
    return [pod for pod in view.of("Pod", target.namespace) if pod["metadata"]["name"] == target.name]


def _on_node(view: ClusterView, target: TargetReference) -> list[Object]:
    return [pod for pod in view.of("Pod") if spec_of(pod).get("nodeName") == target.name]


def _in_namespace(view: ClusterView, target: TargetReference) -> list[Object]:
    return list(view.of("Pod", target.name))


def _referring(view: ClusterView, target: TargetReference) -> list[Object]:
    return [pod for pod in view.of("Pod", target.namespace) if refers_to(pod.get("spec"), target.kind, target.name)]


def _selected(view: ClusterView, target: TargetReference) -> list[Object]:
    spec = spec_of(view.get(target.kind, target.namespace, target.name))
    everyone = target.kind == "NetworkPolicy" and not spec.get("podSelector")
    selector = spec.get("podSelector") if target.kind == "NetworkPolicy" else spec.get("selector")
    return [pod for pod in view.of("Pod", target.namespace) if everyone or selects(selector, labels(pod))]


def _autoscaled(view: ClusterView, target: TargetReference) -> list[Object]:
    ref = spec_of(view.get(target.kind, target.namespace, target.name)).get("scaleTargetRef") or {}
    return view.pods_by_workload.get((ref.get("kind", ""), target.namespace, ref.get("name", "")), [])


_FINDERS = {
    **dict.fromkeys(WORKLOAD_KINDS, _owned),
    **dict.fromkeys(("ConfigMap", "Secret", "PersistentVolumeClaim"), _referring),
    **dict.fromkeys(("Service", "NetworkPolicy", "PodDisruptionBudget"), _selected),
    "Pod": _itself,
    "Node": _on_node,
    "Namespace": _in_namespace,
    "HorizontalPodAutoscaler": _autoscaled,
}

_REFERENCES = {
    "ConfigMap": ("configMap", "configMapRef", "configMapKeyRef"),
    "Secret": ("secret", "secretRef", "secretKeyRef"),
    "PersistentVolumeClaim": ("persistentVolumeClaim",),
}


def refers_to(spec: Any, kind: str, name: str) -> bool:
    """Whether a pod spec refers to a ConfigMap, Secret or claim by name, in volumes, env or envFrom."""
    stack: list[Any] = [spec]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            named = [node[key] for key in _REFERENCES[kind] if isinstance(node.get(key), dict)]
            if any(name in (n.get("name"), n.get("secretName"), n.get("claimName")) for n in named):
                return True
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return False


def dependents(view: ClusterView, pods: Iterable[Object], workloads: set[Workload]) -> set[Workload]:
    """Workloads whose environment names a Service that selects the affected pods."""
    services = {
        (service["metadata"].get("namespace", ""), service["metadata"]["name"])
        for pod in pods
        for service in view.of("Service", pod["metadata"].get("namespace", ""))
        if selects(spec_of(service).get("selector"), labels(pod))
    }
    if not services:
        return set()
    found = set()
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob"):
        for obj in view.of(kind):
            this = (kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
            if this not in workloads and calls(obj, services):
                found.add(this)
    return found


def callers(view: ClusterView, workload: Workload) -> set[Workload]:
    """Workloads whose environment names a Service in front of this one's pods."""
    return dependents(view, view.pods_by_workload.get(workload, ()), {workload})


def calls(obj: Object, services: set[tuple[str, str]]) -> bool:
    """Whether a workload's environment names one of these services, each a namespace and a name."""
    values = [
        str(entry.get("value", ""))
        for container in pod_template(obj).get("containers") or ()
        for entry in container.get("env") or ()
    ]
    own = obj["metadata"].get("namespace", "")
    hosts = {host for value in values for host in _hosts(value)}
    return any(f"{name}.{namespace}" in hosts or (namespace == own and name in hosts) for namespace, name in services)


def _hosts(value: str) -> set[str]:
    """Host names a configuration value may carry, as ``service`` and ``service.namespace``."""
    host = value.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1].split(":", 1)[0]
    parts = host.split(".")
    return {parts[0], ".".join(parts[:2])}


def _critical(view: ClusterView, workload: Workload) -> bool:
    return labels(view.get("Namespace", "", workload[1])).get(CRITICALITY_LABEL) != "standard"


def named(target: TargetReference) -> Workload:
    """Kind, namespace and name of a target, as workloads are told apart here."""
    return target.kind, target.namespace, target.name
