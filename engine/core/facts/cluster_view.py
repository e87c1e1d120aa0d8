"""What the gate could read of a cluster at one instant, and what it couldn't.

Kubernetes answers "there is none" and "you may not look" differently, and a gate must too: a kind that couldn't
be read makes every figure that depends on it unknown, and unknown counts as large.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Object = dict[str, Any]

WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")
KINDS = (
    *WORKLOAD_KINDS,
    "Pod",
    "Node",
    "Namespace",
    "Service",
    "ConfigMap",
    "PersistentVolumeClaim",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "NetworkPolicy",
    "ResourceQuota",
    "VulnerabilityReport",
    "Event",
    "Application",
    "Kustomization",
    "HelmRelease",
    "GitRepository",
)
# No fact needs these; they are read when a runbook's query asks for them.
ASKED_KINDS = ("PolicyReport", "Report", "CertificateRequest", "Order", "Challenge")


@dataclass(frozen=True)
class ClusterView:
    """Objects by kind as the API gave them; ``unreadable`` names the kinds it didn't give."""

    cluster: str
    objects: Mapping[str, Sequence[Object]]
    unreadable: frozenset[str] = field(default_factory=frozenset)

    def of(self, kind: str, namespace: str | None = None) -> Iterable[Object]:
        """Objects of a kind, in one namespace or all."""
        found = self.objects.get(kind, ())
        return found if namespace is None else [o for o in found if o["metadata"].get("namespace", "") == namespace]

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object, or ``None``."""
        return self._index.get((kind, namespace, name))

    def readable(self, *kinds: str) -> bool:
        """Whether all of these kinds could be read."""
        return all(kind in self.objects and kind not in self.unreadable for kind in kinds)

    @cached_property
    def _index(self) -> dict[tuple[str, str, str], Object]:
        return {
            (kind, o["metadata"].get("namespace", ""), o["metadata"]["name"]): o
            for kind, found in self.objects.items()
            for o in found
        }

    @cached_property
    def pods_by_workload(self) -> dict[tuple[str, str, str], list[Object]]:
        """Pods by the (kind, namespace, name) of their topmost owner; a pod nobody owns is its own."""
        grouped: dict[tuple[str, str, str], list[Object]] = {}
        for pod in self.of("Pod"):
            grouped.setdefault(self.root_owner("Pod", pod), []).append(pod)
        return grouped

    def root_owner(self, kind: str, obj: Object) -> tuple[str, str, str]:
        """The topmost owner of an object that can be named by following owner references."""
        namespace, name = obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
        for _ in range(8):
            owner = next((r for r in obj["metadata"].get("ownerReferences") or () if r.get("controller")), None)
            if owner is None:
                break
            kind, name = owner["kind"], owner["name"]
            parent = self.get(kind, namespace, name)
            if parent is None:
                break
            obj = parent
        return kind, namespace, name


def labels(obj: Object | None) -> dict[str, str]:
    """Labels of an object, of none as well."""
    return dict((obj or {}).get("metadata", {}).get("labels") or {})


def spec_of(obj: Object | None) -> Object:
    """The spec of an object; empty where it has none."""
    return dict((obj or {}).get("spec") or {})


def selects(selector: Object | None, target: Mapping[str, str]) -> bool:
    """Whether a label selector selects these labels; an empty or absent one selects nothing here.

    Understands ``matchLabels``, ``matchExpressions`` and the plain map that Services use.
    """
    if not selector:
        return False
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        return all(target.get(key) == value for key, value in selector.items())
    wanted = selector.get("matchLabels") or {}
    return all(target.get(key) == value for key, value in wanted.items()) and all(
        _holds(expression, target) for expression in selector.get("matchExpressions") or ()
    )


def _holds(expression: Object, target: Mapping[str, str]) -> bool:
    key, operator = str(expression.get("key")), str(expression.get("operator"))
    values = expression.get("values") or ()
    answers = {
        "In": target.get(key) in values,
        "NotIn": target.get(key) not in values,
        "Exists": key in target,
        "DoesNotExist": key not in target,
    }
    return answers.get(operator, False)


def pod_template(obj: Object) -> Object:
    """The pod spec an object makes pods from; an empty one where it makes none."""
    spec = obj.get("spec") or {}
    if obj.get("kind") == "CronJob" or "jobTemplate" in spec:
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return dict((spec.get("template") or {}).get("spec") or (spec if "containers" in spec else {}))


def ready(pod: Object) -> bool:
    """Whether the API calls this pod ready."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
