"""What an intention is worked out from, and what it comes to."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.action.kind import CheckedAction
from engine.core.change.fields import FieldChange
from engine.core.errors import ChangeRefused

Object = Mapping[str, Any]
OWNER = "penstock.dev/owner"


@dataclass(frozen=True)
class ChangeContext:
    """What the gate knows besides action and repository.

    ``now`` is RFC 3339 in UTC. ``live`` is the target as the cluster has it; ``declared`` are Applications and Flux
    objects read from the cluster, besides those in the repository. ``servers`` are API addresses that mean
    ``cluster``, ``repositories`` those that mean the GitOps repository; where none is given, only one may be declared.
    ``revisions`` gives images by container for rollout numbers the cluster still knows.
    """

    now: str
    cluster: str
    proposal: str = ""
    incident: str = ""
    live: Object | None = None
    declared: tuple[Object, ...] = ()
    servers: frozenset[str] = frozenset({"https://kubernetes.default.svc"})
    repositories: frozenset[str] = frozenset()
    branch: str = "main"
    allowed_trees: tuple[str, ...] = ("",)
    revisions: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    job_ttl_seconds: int = 3600


@dataclass(frozen=True)
class Situation:
    """An action, its target as Git renders it now, and what history says where the action asks for it.

    ``earlier`` is the target as an earlier commit rendered it; ``undone`` are the field changes that take a
    commit back.
    """

    action: CheckedAction
    rendered: Object
    context: ChangeContext
    earlier: Object | None = None
    undone: tuple[FieldChange, ...] = ()

    def copy(self) -> dict[str, Any]:
        """The target, to be changed freely."""
        return copy.deepcopy(dict(self.rendered))


@dataclass(frozen=True)
class Intent:
    """The target afterwards (``None``: removed) and, for a one-shot kind, the Job that is added beside it."""

    after: Object | None
    added: Object | None = None


Intending = Callable[[Situation], Intent]


def refuse(message: str, remedy: str = "Propose it with other parameters") -> ChangeRefused:
    """A refusal of what the parameters ask of this very object."""
    return ChangeRefused(message, remedy=remedy)


def pod_template(obj: Any) -> dict[str, Any]:
    """The pod template of a workload, Job or CronJob, to be changed in place."""
    spec = obj.get("spec") or {}
    if obj.get("kind") == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    template = spec.get("template")
    if not isinstance(template, dict) or not isinstance(template.get("spec"), dict):
        raise refuse(f"{obj.get('kind')} has no pod template in Git")
    return template


def container(obj: Any, name: str) -> dict[str, Any]:
    """One container of a pod template by name; without a name, the only one."""
    spec = pod_template(obj)["spec"]
    ordinary: list[dict[str, Any]] = spec.get("containers") or []
    if not name and len(ordinary) != 1:
        named = ", ".join(str(c.get("name")) for c in ordinary)
        raise refuse(f"there are several containers: {named}", "Name one in the parameters")
    everyone = [*ordinary, *(spec.get("initContainers") or [])] if name else ordinary
    found = [c for c in everyone if name in ("", c.get("name"))]
    if len(found) != 1:
        raise refuse(f"there is no container {name!r}", "Name one that Git has")
    return found[0]


def section(obj: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A nested mapping, made where it is missing."""
    for key in keys:
        if not isinstance(obj.get(key), dict):
            obj[key] = {}
        obj = obj[key]
    return obj
