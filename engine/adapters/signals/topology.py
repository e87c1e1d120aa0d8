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
    """The owner of each object that is known, one step up; ``node_of`` says where a pod runs."""

    def __init__(self, cluster: str, objects: Iterable[Document] = ()) -> None:
        self.cluster = cluster
        self._parent: dict[ObjectReference, ObjectReference] = {}
        self._known: set[ObjectReference] = set()
        self.node_of: dict[ObjectReference, str] = {}
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

    def _maker(self, pod: ObjectReference) -> ObjectReference | None:
        """What made a pod that is gone already: its name is its maker's and a suffix."""
        if pod.kind != "Pod" or pod in self._known:
            return None
        name = pod.name.rpartition("-")[0]
        makers = (ObjectReference(pod.cluster, pod.namespace, kind, name) for kind in _MAKERS)
        return next((maker for maker in makers if maker in self._known), None)

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
