"""Whose an object is, from the objects at hand: owner references, autoscaler targets and service selectors.

An alert names a pod that it can't place, and a pod names a ReplicaSet that nobody thinks of. The chain from there to
what a person would name is followed here, once, for every source.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.adapters.signals.document import Document
from engine.core.signal import ObjectReference

_DEPTH = 8
_HASH_LABEL = "pod-template-hash"
_MAKERS = ("ReplicaSet", "StatefulSet", "DaemonSet", "Job")
_CLUSTER_SCOPED = ("Node", "Namespace", "PersistentVolume")


class Topology:
    """The owner of each object that is known, one step up; where each pod is, whether it is ready and since when."""

    def __init__(self, cluster: str, objects: Iterable[Document] = ()) -> None:
        self.cluster = cluster
        self._parent: dict[ObjectReference, ObjectReference] = {}
        self._known: set[ObjectReference] = set()
        self.node_of: dict[ObjectReference, str] = {}
        self.readiness: dict[ObjectReference, tuple[bool, str]] = {}
        self._unready: dict[ObjectReference, set[str]] | None = None
        services: list[tuple[ObjectReference, dict[str, str]]] = []
        templates: list[tuple[ObjectReference, dict[str, str]]] = []
        for one in objects:
            self._add(one, services, templates)
        for service, selector in services:
            behind = [w for w, labels in templates if w.namespace == service.namespace and _within(selector, labels)]
            if len(behind) == 1:
                self._parent.setdefault(service, behind[0])

    def owners(self, reference: ObjectReference) -> tuple[ObjectReference, ...]:
        """The chain upwards from an object, nearest first; empty where nobody is known to own it."""
        chain: list[ObjectReference] = []
        at = reference
        while len(chain) < _DEPTH:
            parent = self._parent.get(at) or self._maker(at)
            if parent is None or parent in chain or parent == reference:
                break
            chain.append(parent)
            at = parent
        return tuple(chain)

    def _maker(self, gone: ObjectReference) -> ObjectReference | None:
        """What made a pod, or a scheduled job, that is gone already: its name is its maker's and a suffix."""
        if gone.kind not in ("Pod", "Job") or gone in self._known:
            return None
        name, _, suffix = gone.name.rpartition("-")
        makers = _MAKERS if gone.kind == "Pod" else ("CronJob",) if suffix.isdecimal() else ()
        named = [ObjectReference(gone.cluster, gone.namespace, kind, name) for kind in makers]
        job = next((one for one in named if one.kind == "Job"), None)
        return next((one for one in named if one in self._known), job if job and self._maker(job) else None)

    def node_that_fails(self, workload: ObjectReference) -> str:
        """The one node on which all of a workload's pods are that aren't ready; empty where there is no such node."""
        if self._unready is None:
            self._unready = {}
            for pod, node in self.node_of.items():
                for owner in () if self.readiness.get(pod, (False,))[0] else self.owners(pod):
                    self._unready.setdefault(owner, set()).add(node)
        nodes = self._unready.get(workload, set())
        return next(iter(nodes)) if len(nodes) == 1 else ""

    def reference(self, kind: str, namespace: str, name: str) -> ObjectReference:
        """An object of this cluster."""
        return ObjectReference(self.cluster, "" if kind in _CLUSTER_SCOPED else namespace, kind, name)

    def _add(
        self,
        one: Document,
        services: list[tuple[ObjectReference, dict[str, str]]],
        templates: list[tuple[ObjectReference, dict[str, str]]],
    ) -> None:
        kind, metadata, spec = one.text("kind"), one.section("metadata"), one.section("spec")
        namespace, name = metadata.text("namespace"), metadata.text("name")
        if not kind or not name or kind == "Event":
            return
        itself = self.reference(kind, namespace, name)
        self._known.add(itself)
        owner = next((o for o in metadata.sections("ownerReferences") if o.value.get("controller")), None)
        if owner is None and kind in ("VulnerabilityReport", "PolicyReport", "Report"):
            owner = next(metadata.sections("ownerReferences"), None)
        if owner is not None:
            parent = self.reference(owner.required("kind"), namespace, owner.required("name"))
            self._parent[itself] = parent
            self._infer_deployment(metadata, parent)
        if kind == "Pod" and spec.text("nodeName"):
            self.node_of[itself] = spec.text("nodeName")
            for condition in one.section("status").sections("conditions"):
                if condition.text("type") == "Ready":
                    self.readiness[itself] = condition.text("status") == "True", condition.instant("lastTransitionTime")
        elif kind == "HorizontalPodAutoscaler":
            target = spec.section("scaleTargetRef")
            if target.value:
                self._parent[itself] = self.reference(target.required("kind"), namespace, target.required("name"))
        elif kind == "Service":
            services.append((itself, spec.texts("selector")))
        elif kind in ("Deployment", "StatefulSet", "DaemonSet"):
            templates.append((itself, spec.section("template").section("metadata").texts("labels")))

    def _infer_deployment(self, metadata: Document, parent: ObjectReference) -> None:
        """A ReplicaSet that a Deployment made is named after it and after the hash that its pods carry."""
        suffix = f"-{metadata.section('labels').text(_HASH_LABEL)}"
        if parent.kind == "ReplicaSet" and suffix != "-" and parent.name.endswith(suffix):
            deployment = self.reference("Deployment", parent.namespace, parent.name.removesuffix(suffix))
            self._parent.setdefault(parent, deployment)


def _within(selector: dict[str, str], labels: dict[str, str]) -> bool:
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())
