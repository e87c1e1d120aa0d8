"""Which cluster is looked at: a recording, a live one when asked, or a live one followed all the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from engine.adapters.kubernetes.unseen import UnseenCluster
from engine.core import canonical
from engine.core.errors import BadInput
from engine.ports import Cluster, DryRun, FollowedCluster
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.core.identity import Review


def cluster(settings: Settings, *, needed: bool) -> Cluster:
    """The cluster that is set; a recording goes before a live one. Raises :class:`BadInput` where none is."""
    if settings.snapshot is not None:
        from engine.adapters.kubernetes.snapshot import SnapshotCluster

        return SnapshotCluster(settings.snapshot, cluster_name(settings))
    if settings.kubeconfig:
        from engine.adapters.kubernetes.api import connect
        from engine.adapters.kubernetes.live import LiveCluster

        return LiveCluster(connect(settings.kubeconfig), settings.cluster, monotonic)
    if needed:
        remedy = "Give --snapshot DIR, or set PENSTOCK_SNAPSHOT or PENSTOCK_KUBECONFIG"
        raise BadInput("no cluster to look at", where="snapshot", remedy=remedy)
    return UnseenCluster(settings.cluster)


def dry_run(settings: Settings) -> DryRun | None:
    """Who asks the cluster what it would make of an object; nobody where no identity for it is set."""
    if not settings.dry_run_kubeconfig:
        return None
    from engine.adapters.kubernetes.api import connect
    from engine.adapters.kubernetes.dry_run import ServerDryRun

    where = "PENSTOCK_DRY_RUN_KUBECONFIG"
    return ServerDryRun(connect(settings.dry_run_kubeconfig, context=settings.dry_run_context, where=where))


@contextmanager
def following(settings: Settings) -> Iterator[FollowedCluster]:
    """The live cluster, followed until the end of the block. Raises :class:`BadInput` where none is set."""
    from engine.adapters.kubernetes.api import connect
    from engine.adapters.kubernetes.resources import RESOURCES
    from engine.adapters.kubernetes.watched import WatchedCluster

    if not followed(settings):
        remedy = "Set PENSTOCK_KUBECONFIG, and no recording beside it"
        raise BadInput("no live cluster to follow", where="PENSTOCK_KUBECONFIG", remedy=remedy)
    api = connect(settings.kubeconfig, connections=len(RESOURCES) + 4)
    with WatchedCluster(api, settings.cluster, monotonic) as watched:
        yield watched


def token_review(settings: Settings) -> Review | None:
    """What asks the live cluster whose a ServiceAccount's token is; nothing unless it is switched on."""
    if not settings.token_review:
        return None
    from engine.adapters.kubernetes.api import connect
    from engine.adapters.kubernetes.token_review import TokenReviewer

    return TokenReviewer(connect(settings.kubeconfig))


def followed(settings: Settings) -> bool:
    """Whether there is a live cluster to follow."""
    return bool(settings.kubeconfig) and settings.snapshot is None


def cluster_name(settings: Settings) -> str:
    """The name a recording gives its cluster, or the one that is set."""
    for folder in (settings.snapshot, settings.snapshot.parent if settings.snapshot else None):
        if folder is not None and (folder / "recording.json").is_file():
            path = folder / "recording.json"
            facts = canonical.parse(path.read_bytes(), where=str(path))
            if not isinstance(facts, dict) or not isinstance(facts.get("cluster", ""), str):
                raise BadInput("is no description of a recording", where=str(path), remedy="Record it again")
            return str(facts.get("cluster") or settings.cluster)
    return settings.cluster
