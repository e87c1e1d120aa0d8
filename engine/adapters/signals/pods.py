"""Pods: what their status says of containers that wait, ended or aren't ready, and of pods that can't run at all."""

from __future__ import annotations

from collections.abc import Iterator

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer, seen
from engine.core.moment import seconds_between
from engine.core.signal import Signal

# Ordinary steps of a start.
_STARTING = frozenset({"", "ContainerCreating", "PodInitializing"})
_CRITICAL = frozenset({"OOMKilled", "CrashLoopBackOff"})
UNREADY_SECONDS = 30
ENDED_SECONDS = 3600


def pod_signals(pod: Document, observer: Observer) -> Iterator[Signal]:
    """Signals of one Pod, in the words of its own status."""
    status = pod.section("status")
    metadata = pod.section("metadata")
    if metadata.text("deletionTimestamp") or status.text("phase") == "Succeeded":
        return
    subject = observer.topology.reference("Pod", metadata.text("namespace"), metadata.required("name"))
    if status.text("phase") == "Failed" and status.text("reason"):
        yield observer.signal(
            subject,
            Observation(
                status.required("reason"),
                status.text("message"),
                seen(pod, "status", {key: status.value.get(key) for key in ("phase", "reason", "message")}),
                at=_latest_condition(status),
            ),
        )
    waiting = False
    for field in ("initContainerStatuses", "containerStatuses"):
        for container in status.sections(field):
            found = list(_container_signals(pod, container, observer))
            waiting = waiting or bool(found)
            yield from found
    for condition in status.sections("conditions"):
        yield from _condition_signals(pod, condition, observer, quiet=waiting)


def _container_signals(pod: Document, container: Document, observer: Observer) -> Iterator[Signal]:
    metadata = pod.section("metadata")
    subject = observer.topology.reference("Pod", metadata.text("namespace"), metadata.required("name"))
    name, image = container.required("name"), container.text("image")
    labels = {"container": name, "image": image, "restarts": str(container.number("restartCount"))}
    state, before = container.section("state"), container.section("lastState").section("terminated")
    waiting, ended = state.section("waiting"), state.section("terminated")
    if waiting.text("reason") not in _STARTING:
        yield observer.signal(
            subject,
            Observation(
                waiting.required("reason"),
                waiting.text("message"),
                seen(pod, f"containers.{name}.waiting", {**waiting.value, "image": image}),
                severity="critical" if waiting.text("reason") in _CRITICAL else "warning",
                at=before.instant("finishedAt"),
                labels=labels,
            ),
        )
    for which, end in (("terminated", ended), ("lastTerminated", before)):
        at = end.instant("finishedAt")
        recent = not at or seconds_between(at, observer.now) <= ENDED_SECONDS
        if end.value and end.number("exitCode") != 0 and recent:
            reason = end.text("reason") or "Error"
            yield observer.signal(
                subject,
                Observation(
                    reason,
                    end.text("message"),
                    seen(pod, f"containers.{name}.{which}", {**end.value, "image": image}),
                    severity="critical" if reason in _CRITICAL else "warning",
                    at=at,
                    labels={**labels, "exit_code": str(end.number("exitCode"))},
                ),
            )


def _condition_signals(pod: Document, condition: Document, observer: Observer, *, quiet: bool) -> Iterator[Signal]:
    """Unschedulable; and not ready for a while with nothing else to say why (``quiet``: something else has said it)."""
    kind, reason, at = condition.text("type"), condition.text("reason"), condition.instant("lastTransitionTime")
    if condition.text("status") != "False":
        return
    unschedulable = kind == "PodScheduled" and reason == "Unschedulable"
    running = pod.section("status").text("phase") == "Running"
    unready = (
        kind == "Ready"
        and running
        and not quiet
        and seconds_between(at or observer.now, observer.now) >= UNREADY_SECONDS
    )
    if unschedulable or unready:
        metadata = pod.section("metadata")
        yield observer.signal(
            observer.topology.reference("Pod", metadata.text("namespace"), metadata.required("name")),
            Observation(
                reason or "ContainersNotReady",
                condition.text("message"),
                seen(pod, f"conditions.{kind}", condition.value),
                at=at,
            ),
        )


def _latest_condition(status: Document) -> str:
    return max((c.instant("lastTransitionTime") for c in status.sections("conditions")), default="")
