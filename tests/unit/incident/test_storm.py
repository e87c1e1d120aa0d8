"""A storm of the same alert is one incident whose size doesn't follow its length, and hides nothing graver."""

from __future__ import annotations

from typing import Any

from engine.adapters.runbooks.folder import load_runbooks
from engine.adapters.signals.registry import read_signals
from engine.core import canonical
from engine.core.classification import RunbookIndex
from engine.core.grouping import group
from engine.core.incident import Incident
from engine.core.signal import Signal
from tests.conftest import ROOT

BATCH, BATCHES, CRITICAL_IN = 5_000, 20, 11


def alert(name: str, pod: str, severity: str) -> dict[str, Any]:
    labels = {"alertname": name, "namespace": "payments", "pod": pod, "severity": severity}
    return {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": "again"},
        "startsAt": "2026-11-14T03:12:00Z",
    }


def told(alerts: list[dict[str, Any]], left_out: int = 0) -> list[Signal]:
    payload = {"version": "4", "truncatedAlerts": left_out, "alerts": alerts}
    return read_signals("alertmanager", payload, cluster="prod-eu", now="2026-11-14T03:20:00Z")


def size(incidents: list[Incident]) -> int:
    return sum(len(canonical.encode(incident.as_document())) for incident in incidents)


def test_a_hundred_thousand_duplicates_are_one_incident_and_a_critical_alert_among_them_is_seen_at_once() -> None:
    index = RunbookIndex(load_runbooks(ROOT / "runbooks", checked=False))
    same, grave = alert("SlowCheckout", "api-1", "warning"), alert("DataLoss", "db-0", "critical")
    incidents: list[Incident] = []
    sizes = []
    usual, mixed = told([same] * BATCH), told([*[same] * (BATCH // 2), grave, *[same] * (BATCH // 2 - 1)])
    for batch in range(BATCHES):
        incidents = group(mixed if batch == CRITICAL_IN else usual, index, incidents)
        sizes.append(size([one for one in incidents if one.root.name == "api-1"]))
        assert [one.severity for one in incidents if one.root.name == "db-0"] == ["critical"] * (batch >= CRITICAL_IN)
    [storm] = [one for one in incidents if one.root.name == "api-1"]
    assert storm.occurrences == BATCH * BATCHES - 1
    assert len(storm.signals) == 1
    assert max(sizes) - sizes[0] < 64
    assert len(incidents) == 2


def test_what_a_sender_left_out_is_kept_at_its_most_and_shown_once_for_each_more() -> None:
    index = RunbookIndex(load_runbooks(ROOT / "runbooks", checked=False))
    incidents: list[Incident] = []
    for left_out in (0, 40, 40, 7, 90):
        incidents = group(told([alert("SlowCheckout", "api-1", "warning")], left_out), index, incidents)
    [incident] = incidents
    assert incident.untold == 90
    assert [m.text for m in incident.timeline if "left out" in m.text] == [
        "alertmanager left out 40 more alerts",
        "alertmanager left out 90 more alerts",
    ]
