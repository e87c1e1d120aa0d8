"""Argo CD's notifications and CloudEvents become signals of the object they name; what is malformed is refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.signals.cloudevents import MAX_EVENTS
from engine.adapters.signals.registry import read_signals
from engine.core.errors import BadInput
from engine.core.signal import Signal

NOW = "2026-11-14T03:20:00Z"


def read(source: str, payload: Any) -> list[Signal]:
    return read_signals(source, payload, cluster="prod-eu", now=NOW)


def notification(sync: dict[str, Any], health: dict[str, Any], **fields: Any) -> dict[str, Any]:
    application = {"name": "payments", "namespace": "argocd", "project": "default"}
    body = {"version": "1", "application": application, "sync": sync, "health": health, "at": "2026-11-14T03:12:00Z"}
    return {**body, **fields}


def event(**fields: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": "1", "source": "/ci", "type": "com.example.deploy.failed", **fields}


def test_a_failed_sync_and_a_bad_health_are_two_signals_of_the_application() -> None:
    found = read(
        "argocd",
        notification(
            {"status": "OutOfSync", "phase": "Failed", "message": "one or more objects failed", "revision": "abc"},
            {"status": "Degraded", "message": "no replicas"},
        ),
    )
    assert {str(one.subject) for one in found} == {"prod-eu/argocd/Application/payments"}
    assert {(one.reason, one.severity) for one in found} == {
        ("SyncFailed", "warning"),
        ("OutOfSync", "warning"),
        ("HealthDegraded", "critical"),
    }
    assert {one.labels["revision"] for one in found} == {"abc"}


def test_a_healthy_application_ends_what_was_told_of_it() -> None:
    found = read("argocd", notification({"status": "Synced", "phase": "Succeeded"}, {"status": "Healthy"}))
    assert {one.reason for one in found} == {"SyncFailed", "HealthDegraded", "HealthMissing", "OutOfSync"}
    assert all(one.resolved for one in found)


def test_an_application_that_is_being_synced_says_nothing_yet() -> None:
    assert read("argocd", notification({"status": "Synced", "phase": "Running"}, {"status": "Progressing"})) == []


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        notification({}, {}, version="2"),
        notification({}, {}, extra="x"),
        notification({}, {}, application={"name": "payments"}),
        notification({"status": 3}, {}),
        notification({}, {}, at="yesterday"),
    ],
)
def test_a_notification_that_doesnt_fit_is_refused(payload: Any) -> None:
    with pytest.raises(BadInput):
        read("argocd", payload)


@pytest.mark.parametrize(
    ("fields", "subject"),
    [
        (
            {"data": {"object": {"kind": "Deployment", "namespace": "shop", "name": "cart"}}},
            "prod-eu/shop/Deployment/cart",
        ),
        ({"subject": "shop/Deployment/cart"}, "prod-eu/shop/Deployment/cart"),
        ({"subject": "Node/n1"}, "prod-eu/Node/n1"),
        ({"subject": "order 7"}, "prod-eu/Event/com.example.deploy.failed"),
        ({}, "prod-eu/Event/com.example.deploy.failed"),
    ],
)
def test_an_event_is_about_what_it_names(fields: dict[str, Any], subject: str) -> None:
    [one] = read("cloudevents", event(**fields))
    assert str(one.subject) == subject


def test_an_event_says_when_how_grave_and_in_what_words() -> None:
    data = {"reason": "CanaryFailed", "message": "5 % errors", "severity": "critical"}
    [one] = read("cloudevents", event(time="2026-11-14T04:12:00+01:00", data=data))
    assert (one.reason, one.message, one.severity, one.at) == (
        "CanaryFailed",
        "5 % errors",
        "critical",
        "2026-11-14T03:12:00Z",
    )
    [over] = read("cloudevents", event(data={"resolved": True}))
    assert over.resolved


def test_the_same_source_and_id_is_the_same_event() -> None:
    found = read("cloudevents", [event(), event(), event(id="2"), event(source="/other")])
    assert len(found) == 3
    [again] = read("cloudevents", event())
    assert again.digest == found[0].digest


@pytest.mark.parametrize(
    "payload",
    [
        event(specversion="0.3"),
        event(id=""),
        event(type=None),
        event(source="x" * 301),
        event(data_base64="aGk="),
        event(**{"Odd-Name": "x"}),
        event(severity="dire"),
        event(time="soon"),
        event(data={"resolved": "yes"}),
        event(data={"object": {"kind": "Pod"}}),
        "words",
        [event(), "words"],
        [event(id=str(number)) for number in range(MAX_EVENTS + 1)],
    ],
)
def test_an_event_that_doesnt_fit_is_refused_with_all_beside_it(payload: Any) -> None:
    with pytest.raises(BadInput):
        read("cloudevents", payload)
