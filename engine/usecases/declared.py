"""What the cluster itself declares to be made from Git, so that a change is built where the controller really looks."""

from __future__ import annotations

from engine.core.change.intend.situation import ChangeContext
from engine.core.change.source import DECLARING, GIT_REPOSITORY
from engine.core.facts.cluster_view import ClusterView
from engine.ports import Ports


def declared_context(ports: Ports, view: ClusterView, *, now: str) -> ChangeContext:
    """The context of a change, with every Application and Flux object of the cluster that could be read."""
    declared = tuple(obj for kind in (*DECLARING, GIT_REPOSITORY) for obj in view.of(kind))
    cluster, known = view.cluster, ports.repositories
    return ChangeContext(now=now, cluster=cluster, branch=ports.branch, declared=declared, repositories=known)
