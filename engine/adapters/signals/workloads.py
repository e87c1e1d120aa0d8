"""Workloads, nodes, autoscalers and claims: what their conditions and counts say."""

from __future__ import annotations

from collections.abc import Iterator

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer, seen
from engine.core.moment import seconds_between
from engine.core.signal import ObjectReference, Signal

PENDING_SECONDS = 300

# The node's condition types that mean trouble when true.
_PRESSURE = ("DiskPressure", "MemoryPressure", "PIDPressure", "NetworkUnavailable")


def _itself(obj: Document, observer: Observer) -> ObjectReference:
    metadata = obj.section("metadata")
    return observer.topology.reference(obj.required("kind"), metadata.text("namespace"), metadata.required("name"))


def workload_signals(workload: Document, observer: Observer) -> Iterator[Signal]:
    """Conditions that failed, and replicas that are wanted and not available."""
    wanted, available = _replicas(workload)
    for condition in workload.section("status").sections("conditions"):
        kind, value = condition.text("type"), condition.text("status")
        if (kind == "Progressing" and value == "False") or (kind == "ReplicaFailure" and value == "True"):
            yield _from_condition(workload, condition, observer, condition.text("reason") or kind)
    if available < wanted and _observed(workload):
        settling = _rolling_out(workload)
        counts = {"wanted": wanted, "available": available}
        itself = _itself(workload, observer)
        node = observer.topology.node_that_fails(itself)
        yield observer.signal(
            itself,
            Observation(
                "ReplicasMismatch",
                f"{available} of {wanted} replicas are available",
                seen(workload, "replicas", counts),
                severity="info" if settling else "critical" if available == 0 else "warning",
                at=_since(workload),
                labels={"node": node} if node else {},
            ),
        )


def _rolling_out(workload: Document) -> bool:
    """Whether a rollout is within its deadline; missing replicas are then nothing out of the ordinary yet."""
    conditions = workload.section("status").sections("conditions")
    progressing = next((c for c in conditions if c.text("type") == "Progressing"), None)
    within = ("ReplicaSetUpdated", "NewReplicaSetCreated", "FoundNewReplicaSet")
    return progressing is not None and progressing.text("status") == "True" and progressing.text("reason") in within


def _replicas(workload: Document) -> tuple[int, int]:
    spec, status = workload.section("spec"), workload.section("status")
    if workload.text("kind") == "DaemonSet":
        return status.number("desiredNumberScheduled"), status.number("numberAvailable")
    return spec.number("replicas", 1), status.number("availableReplicas")


def _observed(workload: Document) -> bool:
    generation = workload.section("metadata").number("generation")
    return workload.section("status").number("observedGeneration") >= generation


def _since(workload: Document) -> str:
    conditions = workload.section("status").sections("conditions")
    return max((c.instant("lastTransitionTime") for c in conditions if c.text("type") == "Available"), default="")


def job_signals(job: Document, observer: Observer) -> Iterator[Signal]:
    """A Job that failed for good."""
    for condition in job.section("status").sections("conditions"):
        if condition.text("type") == "Failed" and condition.text("status") == "True":
            yield _from_condition(job, condition, observer, condition.text("reason") or "Failed")


def node_signals(node: Document, observer: Observer) -> Iterator[Signal]:
    """A node that isn't ready or is under pressure."""
    for condition in node.section("status").sections("conditions"):
        kind, value = condition.text("type"), condition.text("status")
        if kind == "Ready" and value in ("False", "Unknown"):
            yield _from_condition(node, condition, observer, "NodeNotReady", severity="critical")
        elif kind in _PRESSURE and value == "True":
            yield _from_condition(node, condition, observer, kind)


def autoscaler_signals(autoscaler: Document, observer: Observer) -> Iterator[Signal]:
    """An autoscaler that wants more than it may have, or can't read its metrics."""
    for condition in autoscaler.section("status").sections("conditions"):
        kind, value, reason = condition.text("type"), condition.text("status"), condition.text("reason")
        if kind == "ScalingLimited" and value == "True" and reason == "TooManyReplicas":
            yield _from_condition(autoscaler, condition, observer, "ScalingLimited")
        elif kind in ("ScalingActive", "AbleToScale") and value == "False" and reason != "ScalingDisabled":
            yield _from_condition(autoscaler, condition, observer, reason or kind)


def claim_signals(claim: Document, observer: Observer) -> Iterator[Signal]:
    """A claim that lost its volume, or has waited for one for five minutes."""
    phase, born = claim.section("status").text("phase"), claim.section("metadata").instant("creationTimestamp")
    waited = seconds_between(born or observer.now, observer.now)
    if phase == "Lost" or (phase == "Pending" and waited >= PENDING_SECONDS):
        severity = "critical" if phase == "Lost" else "warning"
        text = f"the claim is {phase.lower()}"
        raw = seen(claim, "phase", phase)
        yield observer.signal(_itself(claim, observer), Observation(f"Claim{phase}", text, raw, severity=severity))


def _from_condition(
    obj: Document, condition: Document, observer: Observer, reason: str, *, severity: str = "warning"
) -> Signal:
    labels = {"condition": condition.text("type"), "condition_reason": condition.text("reason")}
    return observer.signal(
        _itself(obj, observer),
        Observation(
            reason,
            condition.text("message"),
            seen(obj, f"conditions.{condition.text('type')}", condition.value),
            severity=severity,
            at=condition.instant("lastTransitionTime", "lastUpdateTime"),
            labels={key: value for key, value in labels.items() if value},
        ),
    )
