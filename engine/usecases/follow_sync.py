"""Follow a sync: ask the GitOps controller that applies a target whether the merged commit has reached the cluster."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.core.errors import ClusterUnreachable, ForgeTrouble, KindUnreadable, NotFound
from engine.core.lifecycle import ProposalState
from engine.core.sync import Applier, Sync, is_applying, read_applier, read_release, read_sync, revisions_of, unknown
from engine.ports import Ports


@dataclass(frozen=True, slots=True)
class Followed:
    """What the controller says, and whether that includes the merged commit and the target."""

    sync: Sync
    synced: bool


def follow_sync(ports: Ports, state: ProposalState) -> Followed | None:
    """The sync of a merged proposal; ``None`` where nobody can say: no applier is known, or the cluster is a recording.

    A kind that the cluster doesn't have or doesn't show, an object that isn't there or isn't the only one of its
    name, and a commit that isn't known here are each no sync, with the sentence that says so.
    """
    applier = read_applier(state.applied_by)
    if applier is None:
        return None
    try:
        said = _said(ports, applier, state)
    except (KindUnreadable, ClusterUnreachable) as error:
        said = unknown(applier, error.message)
    except NotFound:
        return None
    reached = any(_includes(ports, one, state.merge_commit) for one in said.revisions)
    return Followed(said, reached and said.applied)


def on_its_way(ports: Ports, applied_by: str, commit: str) -> str:
    """Why a commit isn't applied yet by whoever applies it; empty where it is at that commit, or doesn't say.

    A controller that is still at an earlier commit is what makes cluster and Git differ, and no drift.
    """
    applier = read_applier(applied_by)
    if applier is None or applier.kind == "HelmRelease":
        return ""
    try:
        found = [one for one in ports.cluster.all(applier.kind) if _is(one, applier)]
    except NotFound:
        return ""
    if len(found) != 1:
        return ""
    at = revisions_of(found[0], applier)
    if at and commit not in at:
        return f"{applier} is at {', '.join(one[:12] for one in at)}, and Git at {commit[:12]}"
    return f"{applier} is applying {commit[:12]}" if is_applying(found[0]) else ""


def _said(ports: Ports, applier: Applier, state: ProposalState) -> Sync:
    found = [one for one in ports.cluster.all(applier.kind) if _is(one, applier)]
    if len(found) != 1:
        return unknown(applier, "there are several of this name" if found else "the cluster has none of this name")
    if applier.kind == "HelmRelease":
        return read_release(applier, found[0], _repository(ports, found[0]), since=state.merged_at)
    return read_sync(applier, found[0], state.claims.action.target)


def _is(obj: dict[str, Any], applier: Applier) -> bool:
    """A Flux declaration in Git may leave its namespace to whoever applies it."""
    metadata = obj["metadata"]
    return metadata["name"] == applier.name and applier.namespace in ("", metadata.get("namespace", ""))


def _repository(ports: Ports, release: dict[str, Any]) -> dict[str, Any] | None:
    chart = ((release.get("spec") or {}).get("chart") or {}).get("spec") or {}
    source = chart.get("sourceRef") or {}
    namespace = str(source.get("namespace") or release["metadata"].get("namespace", ""))
    known = ports.cluster.all("GitRepository", namespace)
    return next((one for one in known if one["metadata"]["name"] == source.get("name")), None)


def _includes(ports: Ports, revision: str, commit: str) -> bool:
    """Whether a commit is a revision or was made before it on the same line.

    A controller may be at what somebody pushed a moment ago, so what isn't known here is fetched once.
    """
    if not commit or revision == commit or ports.repository is None:
        return bool(commit) and revision == commit
    with suppress(NotFound):
        return ports.repository.merge_base(commit, revision) == commit
    with suppress(NotFound, ForgeTrouble):
        ports.repository.head(ports.branch)
        return ports.repository.merge_base(commit, revision) == commit
    return False
