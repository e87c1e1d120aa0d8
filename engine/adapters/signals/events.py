"""Kubernetes Events: the warnings that components themselves write, in both shapes the API has had for them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer
from engine.adapters.signals.pods import UNREADY_SECONDS
from engine.core.moment import seconds_between
from engine.core.signal import ObjectReference, Signal

# A scheduler or an autoscaler warns of these before anything is wrong.
_EXPECTED = frozenset({"DNSConfigForming"})
# Of a pod that starts these are nothing yet; a probe fails for good at three unless told otherwise.
_OF_A_START = ("Readiness probe ", "Startup probe ")
_FAILS_FOR_GOOD = 3


def event_signals(event: Document, observer: Observer) -> Iterator[Signal]:
    """The signal of one Event of type Warning; nothing for a Normal one."""
    if event.text("type") != "Warning" or event.text("reason") in _EXPECTED:
        return
    field = "involvedObject" if "involvedObject" in event.value else "regarding"
    about = event.section(field)
    subject = observer.topology.reference(about.required("kind"), about.text("namespace"), about.required("name"))
    if _of_a_start(event, subject, observer):
        return
    labels = {"count": str(_count(event)), "field": about.text("fieldPath"), "component": _component(event)}
    raw = {key: value for key, value in event.value.items() if key != "metadata"}
    metadata = event.section("metadata")
    raw["metadata"] = {key: value for key, value in metadata.value.items() if key != "managedFields"}
    yield observer.signal(
        subject,
        Observation(
            event.required("reason"),
            event.text("message") or event.text("note"),
            raw,
            at=_at(event),
            labels={key: value for key, value in labels.items() if value},
        ),
    )


def _of_a_start(event: Document, subject: ObjectReference, observer: Observer) -> bool:
    """Whether a probe failed only as it does while a pod starts: it is ready now, or hasn't been unready for long.

    One that stays unready says so itself.
    """
    said = (event.text("message") or event.text("note")).startswith(_OF_A_START)
    if not said or _count(event) >= _FAILS_FOR_GOOD or subject not in observer.topology.readiness:
        return False
    ready, since = observer.topology.readiness[subject]
    return ready or seconds_between(since or observer.now, observer.now) < UNREADY_SECONDS


def _at(event: Document) -> str:
    series = event.section("series")
    return (
        series.instant("lastObservedTime")
        or event.instant("lastTimestamp", "deprecatedLastTimestamp", "eventTime", "firstTimestamp")
        or event.section("metadata").instant("creationTimestamp")
    )


def _count(event: Document) -> int:
    return event.section("series").number("count") or event.number("count") or event.number("deprecatedCount") or 1


def _component(event: Document) -> str:
    return (
        event.text("reportingComponent")
        or event.text("reportingController")
        or event.section("source").text("component")
    )
