"""What a write means, as typed actions: what would be proposed to get the same through Git.

A write of the whole object is classified like an edit in a pull request. What no action can do, running a command in a
pod or asking for a token, has a kind that no catalogue knows, so policy refuses it as unknown and says what it was.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from engine.core.admission.review import AdmissionRequest
from engine.core.change.classify.classification import classify
from engine.core.errors import BadInput
from engine.core.proposal import ActionRequest, TargetReference

MADE_UP = "to-be-named"
EVERYTHING = "all-of-them"

_SERVER_KEPT = (
    *("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"),
    *("deletionTimestamp", "deletionGracePeriodSeconds"),
)
_WORKLOADS = {"deployments": "Deployment", "statefulsets": "StatefulSet", "replicasets": "ReplicaSet"}
_WORD = re.compile(r"[^a-z0-9]+")


def actions_of(request: AdmissionRequest, cluster: str) -> tuple[ActionRequest, ...]:
    """The actions that a write comes to, at least one. Raises :class:`BadInput` where it names nothing nameable."""
    target = _target(request, cluster)
    if request.subResource == "scale" and request.operation == "UPDATE":
        spec = (request.object or {}).get("spec")
        replicas = spec.get("replicas") if type(spec) is dict else None
        if type(replicas) is int:
            return (ActionRequest(kind="scale_workload", target=target, params={"replicas": replicas}),)
    whole = not request.subResource and request.operation != "CONNECT"
    if whole and (request.name or request.operation == "CREATE"):
        sides = (bare(request.oldObject), bare(None if request.operation == "DELETE" else request.object))
        if any(side is not None for side in sides):
            return classify(target, *sides) or (_other("write_unchanged", target),)
    kind = request.operation if request.subResource or request.name else f"{request.operation}_collection"
    return (_other(f"{kind}_{request.subResource}", target),)


def bare(obj: dict[str, Any] | None) -> dict[str, Any] | None:
    """An object without what the API server itself keeps in it; a status isn't desired state."""
    if obj is None:
        return None
    given = obj.get("metadata")
    metadata = {key: value for key, value in given.items() if key not in _SERVER_KEPT} if type(given) is dict else {}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}


def _other(kind: str, target: TargetReference) -> ActionRequest:
    return ActionRequest(kind=_WORD.sub("_", kind.lower()).strip("_"), target=target)


def _target(request: AdmissionRequest, cluster: str) -> TargetReference:
    scaled = _WORKLOADS.get(request.resource.resource) if request.subResource == "scale" else None
    collection = request.operation == "DELETE" and not request.name
    name = request.name or (EVERYTHING if collection else MADE_UP)
    namespace = "" if request.kind.kind == "Namespace" else request.namespace
    try:
        return TargetReference(
            cluster=cluster, namespace=namespace, kind=scaled or request.kind.kind or "Unknown", name=name
        )
    except ValidationError:
        where = name[:80]
        raise BadInput("isn't a name that an object can have", where=where, remedy="Name it plainly") from None
