"""Sync: what Argo CD or Flux says of a merged commit, read from its own object and believed only where it is plain.

A merge changes Git and nothing else. Whether the cluster follows is the GitOps controller's to say: at which commit it
is, whether the object was applied there, and whether it is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.moment import parse_instant
from engine.core.proposal import TargetReference
from engine.core.untrusted import one_line

Object = Mapping[str, Any]

APPLIERS = ("Application", "Kustomization", "HelmRelease")
_WELL = ("Healthy", "Suspended")


@dataclass(frozen=True, slots=True)
class Applier:
    """The controller's object that applies a target: ``Application argocd/payments``."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}".replace(" /", " ")


def read_applier(text: str) -> Applier | None:
    """The applier that :class:`Applier` wrote; ``None`` where a proposal names none."""
    kind, _, place = text.partition(" ")
    namespace, _, name = place.rpartition("/")
    return Applier(kind, namespace, name) if kind in APPLIERS and name else None


@dataclass(frozen=True, slots=True)
class Sync:
    """What it says: the commits it stands at, whether the target is applied and well, and the sentence for a person."""

    revisions: tuple[str, ...]
    applied: bool
    healthy: bool
    sentence: str


def unknown(applier: Applier, why: str) -> Sync:
    """Nothing is known of it, which isn't that it's well."""
    return Sync((), False, False, f"{applier} can't be asked: {one_line(why)}")


def read_sync(applier: Applier, found: Object, target: TargetReference) -> Sync:
    """What an Application or a Flux Kustomization says."""
    return _application(applier, found, target) if applier.kind == "Application" else _kustomization(applier, found)


def read_release(applier: Applier, found: Object, repository: Object | None, *, since: str) -> Sync:
    """What a HelmRelease says. It names no commit: its repository's counts, for a release made after ``since``."""
    artifact = section(section(repository or {}, "status"), "artifact")
    history = section(found, "status").get("history") or [{}]
    at = str(history[0].get("lastDeployed") or "") if isinstance(history[0], dict) else ""
    ready, said = _ready(found)
    applied = ready and bool(at) and parse_instant(at) >= parse_instant(since)
    said = said if applied or not ready else "it wasn't released anew since the merge"
    return Sync(_commits(artifact.get("revision")), applied, ready, f"{applier}: {said}")


def _application(applier: Applier, found: Object, target: TargetReference) -> Sync:
    status = section(found, "status")
    compared, health = section(status, "sync"), section(status, "health")
    revisions = revisions_of(found, applier)
    own = [one for one in status.get("resources") or () if _is(one, target)]
    state = str((own[0] if len(own) == 1 else compared).get("status") or "Unknown")
    well = str(health.get("status") or "Unknown")
    trouble = _trouble(status)
    said = f"{state} and {well} at {', '.join(revision[:12] for revision in revisions) or 'no commit'}"
    return Sync(revisions, state == "Synced", well in _WELL, one_line(f"{applier} is {said}{trouble}", limit=400))


def revisions_of(found: Object, applier: Applier) -> tuple[str, ...]:
    """The commits that an Application was compared with last, or that a Kustomization applied last."""
    status = section(found, "status")
    if applier.kind != "Application":
        return _commits(status.get("lastAppliedRevision"))
    compared = section(status, "sync")
    listed = (compared.get("revision"), *(compared.get("revisions") or ()))
    return tuple(str(revision) for revision in listed if revision)


def is_applying(found: Object) -> bool:
    """Whether an Application's sync is under way."""
    return section(section(found, "status"), "operationState").get("phase") == "Running"


def _is(resource: Any, target: TargetReference) -> bool:
    wanted = (target.kind, target.namespace, target.name)
    if not isinstance(resource, dict):
        return False
    return (resource.get("kind"), resource.get("namespace") or "", resource.get("name")) == wanted


def _trouble(status: Object) -> str:
    """Why it doesn't apply, in its own words."""
    operation = section(status, "operationState")
    failed = operation.get("phase") in ("Failed", "Error")
    said = [str(operation.get("message") or "its sync failed")] if failed else []
    said += [
        str(one.get("message") or one.get("type"))
        for one in status.get("conditions") or ()
        if isinstance(one, dict) and str(one.get("type")).endswith("Error")
    ]
    return f": {'; '.join(said)}" if said else ""


def _kustomization(applier: Applier, found: Object) -> Sync:
    ready, said = _ready(found)
    revisions = revisions_of(found, applier)
    at = ", ".join(revision[:12] for revision in revisions) or "no commit"
    return Sync(revisions, ready, ready, f"{applier} is at {at}: {said}")


def _ready(found: Object) -> tuple[bool, str]:
    """Flux's own condition, where it is about the object as it is now."""
    status, spec = section(found, "status"), section(found, "spec")
    if spec.get("suspend"):
        return False, "it is suspended"
    generation = section(found, "metadata").get("generation")
    if generation is not None and status.get("observedGeneration") != generation:
        return False, "it hasn't looked at its present form yet"
    conditions = [one for one in status.get("conditions") or () if isinstance(one, dict) and one.get("type") == "Ready"]
    if len(conditions) != 1:
        return False, "it says nothing of being ready"
    return conditions[0].get("status") == "True", one_line(str(conditions[0].get("message") or "no word"))


def _commits(revision: Any) -> tuple[str, ...]:
    """The commit of a Flux revision: ``main@sha1:c0ffee…`` since Flux 2.0, ``main/c0ffee…`` before."""
    text = str(revision or "").rpartition(":" if ":" in str(revision) else "/")[2]
    return (text,) if text else ()


def section(found: Object, key: str) -> Object:
    """A part of a controller's object; an empty one where it isn't there or is none."""
    value = found.get(key)
    return value if isinstance(value, Mapping) else {}
