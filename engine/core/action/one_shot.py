"""Kinds without a desired-state field: they run once, as a Job manifest with a time to live that GitOps applies.

The inverse edit of such a change takes the manifest away; it can't take back what the Job did. They count as
reversible only because what they throw away is thrown away by design, or comes again by itself; where the target as
Git renders it says otherwise, they don't.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from engine.core.action.bounds import DnsLabel, OptionalDnsLabel, Port, RelativePath
from engine.core.action.kind import WORKLOADS, ActionKind, Object, Params, Undo
from engine.core.proposal import TargetReference

IDEMPOTENT = "penstock.dev/idempotent"


class ClearEphemeralStorage(Params):
    """A scratch volume of the pods, by its name in the pod template; ``path`` is a folder below its root."""

    volume: DnsLabel
    path: RelativePath = ""


class RotateLogs(Params):
    """A volume with logs; files older than ``keep_days`` go."""

    volume: DnsLabel
    path: RelativePath = ""
    keep_days: Annotated[int, Field(ge=1, le=365)] = 7


class ClearCache(Params):
    """The engine that the target runs, spoken to through a Service (the target's own name unless given)."""

    engine: Literal["redis", "memcached"]
    service: OptionalDnsLabel = ""
    port: Port | None = None


def pod_spec(obj: Object | None) -> dict[str, Any]:
    """The pod spec that a workload, Job or CronJob makes pods from; empty where there is none."""
    spec = (obj or {}).get("spec") or {}
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    return dict((spec.get("template") or {}).get("spec") or {})


def keeps_data(obj: Object | None, volume: str = "") -> bool | None:
    """Whether a workload's volume (or any of them) outlives its pods; ``None`` where the workload isn't known."""
    if obj is None:
        return None
    claims = ((obj.get("spec") or {}).get("volumeClaimTemplates")) or ()
    if any(volume in ("", (c.get("metadata") or {}).get("name")) for c in claims):
        return True
    volumes = [v for v in pod_spec(obj).get("volumes") or () if volume in ("", v.get("name"))]
    return any("emptyDir" not in v and "ephemeral" not in v for v in volumes if _writable(v))


def _writable(volume: Object) -> bool:
    return not any(kind in volume for kind in ("configMap", "secret", "projected", "downwardAPI"))


def _rerunning(_params: Any, _target: TargetReference, before: Object | None) -> Undo:
    declared = (((before or {}).get("metadata") or {}).get("annotations") or {}).get(IDEMPOTENT)
    if declared == "false":
        return Undo(False, False, "its owner says that it must not run twice")
    return Undo(True, False, "the job's manifest goes again; what it did a second time stays")


def _clearing_storage(params: Any, _target: TargetReference, before: Object | None) -> Undo:
    kept = keeps_data(before, params.volume)
    if kept is None:
        return Undo(False, True, "the volume isn't known, so it may hold data")
    if kept:
        return Undo(False, True, "the volume outlives its pods, and what is deleted on it is gone")
    return Undo(True, False, "the volume goes with its pods by design")


def _rotating(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(True, False, "only log files past their keep time go")


def _clearing_cache(_params: Any, _target: TargetReference, before: Object | None) -> Undo:
    if keeps_data(before) is not False:
        return Undo(False, True, "the target keeps data on a volume, so it may be more than a cache")
    return Undo(True, False, "a cache fills again by itself")


KINDS = (
    ActionKind("rerun_job", "Run a job once more", frozenset({"Job", "CronJob"}), undo=_rerunning),
    ActionKind(
        "clear_ephemeral_storage",
        "Empty a workload's scratch volume",
        WORKLOADS,
        ClearEphemeralStorage,
        disruption="rolling",
        undo=_clearing_storage,
    ),
    ActionKind(
        "rotate_logs", "Delete a workload's old log files", WORKLOADS, RotateLogs, disruption="rolling", undo=_rotating
    ),
    ActionKind("clear_cache", "Empty a cache", WORKLOADS, ClearCache, disruption="all", undo=_clearing_cache),
)
