"""Look at a cluster once: read every kind the facts need, and say which couldn't be read."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.errors import NotFound
from engine.core.facts.cluster_view import KINDS, ClusterView, Object
from engine.ports import Cluster


def look(cluster: Cluster, kinds: Iterable[str] = KINDS) -> ClusterView:
    """All objects of these kinds at this instant: unless others are named, of every kind that facts need."""
    objects: dict[str, list[Object]] = {}
    unreadable = set()
    for kind in kinds:
        try:
            objects[kind] = list(cluster.all(kind))
        except NotFound:
            unreadable.add(kind)
    return ClusterView(cluster.name, objects, frozenset(unreadable))
