"""What changed shortly before an incident, told as evidence: most incidents are the second half of a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from engine.core.evidence import Evidence
from engine.core.facts.blast import callers
from engine.core.facts.cluster_view import ClusterView, Object
from engine.core.facts.recent import replica_sets
from engine.core.proposal import TargetReference
from engine.core.redaction import redact_text
from engine.core.signal import ObjectReference

NEARBY = 20

ChangeKind = Literal["image", "config", "scale", "commit"]


@dataclass(frozen=True, slots=True)
class RecentChange:
    """One change. ``before`` and ``after`` are images for an ``image`` change, else empty or short values.

    ``ref`` is a commit or a rollout number, ``source`` is ``cluster`` or ``git``, ``at`` RFC 3339 in UTC. ``nearby`` is
    a change of what the object in question calls.
    """

    kind: ChangeKind
    subject: str
    at: str
    source: Literal["cluster", "git"]
    ref: str
    text: str
    before: str = ""
    after: str = ""
    nearby: bool = False

    @property
    def evidence(self) -> Evidence:
        """The change as something that a claim can cite."""
        return Evidence(source=self.source, kind="change", subject=self.subject, text=self.text, at=self.at)


def from_commit(commit: str, at: str, author: str, subject: str, path: str) -> RecentChange:
    """A commit to the file that makes an object."""
    text = redact_text(f"{author} committed {commit[:12]} to {path}: {subject}")
    return RecentChange("commit", path, at, "git", commit, text)


def rollouts(view: ClusterView, root: ObjectReference) -> list[RecentChange]:
    """A Deployment's rollouts, newest first, each as what it changed from the one before; none for other kinds."""
    target = TargetReference(cluster=root.cluster, namespace=root.namespace, kind=root.kind, name=root.name)
    sets = replica_sets(view, target) if root.kind == "Deployment" else []
    return [_rollout(root, newer, older) for newer, older in pairwise(sets)]


def changes_nearby(view: ClusterView, root: ObjectReference) -> list[RecentChange]:
    """The rollouts of the Deployments that ``root`` calls by a Service, at most the newest twenty."""
    own = (root.kind, root.namespace, root.name)
    found: list[RecentChange] = []
    for deployment in view.of("Deployment"):
        metadata = deployment["metadata"]
        other = ("Deployment", metadata.get("namespace", ""), metadata["name"])
        if other != own and own in callers(view, other):
            found += rollouts(view, ObjectReference(root.cluster, other[1], "Deployment", other[2]))
    newest = sorted(found, key=lambda change: change.at, reverse=True)[:NEARBY]
    return [replace(change, nearby=True) for change in newest]


def images(replica_set: Object) -> dict[str, str]:
    """Image by container of a pod template."""
    spec = _template(replica_set).get("spec") or {}
    return {c.get("name", ""): c.get("image", "") for c in spec.get("containers") or ()}


def _rollout(root: ObjectReference, newer: Object, older: Object) -> RecentChange:
    metadata = newer["metadata"]
    revision = (metadata.get("annotations") or {}).get("deployment.kubernetes.io/revision", "")
    now, then = images(newer), images(older)
    changed = [name for name in now if now[name] != then.get(name)]
    where, at = f"{root.kind}/{root.namespace}/{root.name}", metadata["creationTimestamp"]
    if changed:
        before, after = then.get(changed[0], ""), now[changed[0]]
        text = f"rollout {revision} of {root.name} changed the image of {changed[0]} from {before} to {after}"
        return RecentChange("image", where, at, "cluster", revision, text, before, after)
    text = f"rollout {revision} of {root.name} changed its pod template, not its images"
    return RecentChange("config", where, at, "cluster", revision, text)


def _template(obj: Object) -> Mapping[str, Any]:
    return (obj.get("spec") or {}).get("template") or {}
