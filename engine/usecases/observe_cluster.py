"""Look at a cluster once: read every kind the facts need, and say which couldn't be read."""

from __future__ import annotations

from engine.core.errors import NotFound
from engine.core.facts.cluster_view import KINDS, ClusterView, Object
from engine.ports import Cluster


def look(cluster: Cluster) -> ClusterView:
    """Everything the gate may read of a cluster at this instant."""
    objects: dict[str, list[Object]] = {}
    unreadable = set()
    for kind in KINDS:
        try:
            objects[kind] = list(cluster.all(kind))
        except NotFound:
            unreadable.add(kind)
    return ClusterView(cluster.name, objects, frozenset(unreadable))
