"""What makes two rendered objects the same object, and which of them an action means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.errors import SourceAmbiguous
from engine.core.proposal import TargetReference

Object = Mapping[str, Any]
Identity = tuple[str, str, str, str]


def identity(obj: Object) -> Identity:
    """API group, kind, namespace (empty where none is written) and name of an object."""
    metadata = obj.get("metadata") or {}
    group, _, _ = str(obj.get("apiVersion", "")).rpartition("/")
    name = metadata.get("name") or f"{metadata.get('generateName', '')}*"
    return group, str(obj.get("kind", "")), str(metadata.get("namespace") or ""), str(name)


def by_identity(objects: Iterable[Object], where: str) -> dict[Identity, Object]:
    """Objects by identity. Raises :class:`SourceAmbiguous` when one is made twice."""
    found: dict[Identity, Object] = {}
    for obj in objects:
        key = identity(obj)
        if key in found:
            raise SourceAmbiguous(
                f"{key[1]} {key[3]} is made twice", where=where, remedy="Keep one manifest of each object"
            )
        found[key] = obj
    return found


def is_target(obj: Object, target: TargetReference, default_namespace: str) -> bool:
    """Whether an object is the one an action names; an object without namespace gets its destination's."""
    _, kind, namespace, name = identity(obj)
    if kind != target.kind or name != target.name:
        return False
    return (namespace or (default_namespace if target.namespace else "")) == target.namespace
