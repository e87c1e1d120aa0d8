"""Claims are judged by what helped in the end, each with its like; what was never tested counts for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.grouping import group
from engine.core.incident import Incident
from engine.core.lifecycle import ProposalState
from engine.core.track_record import TrackRecord, track_records
from tests.fakes.signal import API, document, index, runbook, signal

TARGET = {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}
BOOKS = index(runbook("crash-loop", actions=document()["actions"]))
(BASE,) = group([signal(owners=(API,))], BOOKS)


def incident(day: int, sure: float | None = 0.9, analyst: str = "model", **fields: Any) -> Incident:
    claim = {"claim": "The release broke it.", "evidence": [], "quote": "", "confidence": sure}
    first = {"role": "fix", "action": {"kind": "rollback_workload", "target": TARGET}}
    options = [first, {"role": "watch", "action": None}]
    analysis = {"analyst": analyst, "hypotheses": [claim], "options": options}
    return replace(BASE, first_seen=f"2026-11-{day:02}T03:00:00Z", analysis=analysis, **fields)


def state(status: str, kind: str = "rollback_workload") -> ProposalState:
    proposal = {"proposer": {"id": "agent:triage", "kind": "agent"}, "action": {"kind": kind, "target": TARGET}}
    return ProposalState("prop-1", status, proposal, True, "", "", "")  # type: ignore[arg-type]


def record(*earlier: tuple[Incident, list[ProposalState]], mine: Incident | None = None) -> TrackRecord:
    return track_records(mine or incident(30), earlier)[0]


@pytest.mark.parametrize(
    ("merged", "expected"),
    [
        ([state("succeeded")], TrackRecord(1, 1)),
        ([state("failed")], TrackRecord(0, 1)),
        ([state("succeeded", "restart_workload")], TrackRecord(0, 1)),
        ([state("failed"), state("succeeded", "restart_workload")], TrackRecord(0, 1)),
        ([state("failed", "restart_workload"), state("succeeded")], TrackRecord(1, 1)),
        ([state("failed", "restart_workload")], TrackRecord()),
        ([state("verifying")], TrackRecord()),
        ([], TrackRecord()),
    ],
)
def test_a_claim_held_if_what_its_analysis_put_first_is_what_helped(
    merged: list[ProposalState], expected: TrackRecord
) -> None:
    assert record((incident(1), merged)) == expected


def test_only_claims_like_it_count() -> None:
    helped = [state("succeeded")]
    others = [
        (incident(2, sure=0.6), helped), (incident(3, sure=None), helped), (incident(4, analyst="signatures"), helped),
        (incident(5, incident_class="oom-kill"), helped), (incident(30), helped), (incident(6, sure=0.8), helped),
    ]  # fmt: skip
    assert record(*others) == TrackRecord(1, 1)
    assert record(*others, mine=incident(29, sure=0.55)).sentence == "such claims held 1 of 1 times"
    assert record(*others, mine=incident(29, sure=0.1)).sentence == "no such claim was tested yet"


def test_an_incident_without_an_analysis_has_no_claims() -> None:
    assert track_records(replace(BASE, analysis=None), [(incident(1), [state("succeeded")])]) == {}
