"""What declares where objects are made from, so that a change is built where the controller really looks."""

from __future__ import annotations

from dataclasses import replace

from engine.core.change.intend.situation import ChangeContext
from engine.core.change.source import DECLARING, GIT_REPOSITORY
from engine.core.facts.cluster_view import ClusterView
from engine.ports import Ports


def git_context(ports: Ports, *, now: str) -> ChangeContext:
    """The context of a change by what the branch declares, and nothing that only the cluster does."""
    cluster, known = ports.cluster.name, ports.repositories
    return ChangeContext(now=now, cluster=cluster, branch=ports.branch, repositories=known)


def declared_context(ports: Ports, view: ClusterView, *, now: str) -> ChangeContext:
    """The same with every Application and Flux object of the cluster that could be read."""
    declared = tuple(obj for kind in (*DECLARING, GIT_REPOSITORY) for obj in view.of(kind))
    return replace(git_context(ports, now=now), declared=declared)
