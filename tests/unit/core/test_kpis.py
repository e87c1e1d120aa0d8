"""The figures count what they say they count, and say nothing of nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core.grouping import group
from engine.core.incident import Incident
from engine.core.kpis import Counted, Share, Times, kpis, times
from engine.core.lifecycle import ProposalState
from engine.entrypoints.web.console.charts import HEIGHT, columns
from tests.fakes.signal import API, index, runbook, signal

BOOKS = index(runbook("crash-loop"))
(BASE,) = group([signal(owners=(API,))], BOOKS)
FIX = {"options": [{"role": "fix"}, {"role": "watch"}]}
TARGET = {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}


def incident(**fields: Any) -> Incident:
    return replace(BASE, first_seen="2026-11-14T03:00:00Z", **fields)


def state(status: str, kind: str = "rollback_workload", **fields: Any) -> ProposalState:
    by = fields.pop("by", "agent")
    proposal = {"proposer": {"id": "x", "kind": by}, "action": {"kind": kind, "target": TARGET}}
    merged = "" if status in ("refused", "recorded", "awaiting_approval") else "2026-11-14T03:20:00Z"
    told = {"created_at": "2026-11-14T03:10:00Z", "merged_at": merged, "incident_key": BASE.key, **fields}
    return ProposalState(told.pop("id", "prop-1"), status, proposal, True, "", **told)  # type: ignore[arg-type]


def test_of_nothing_nothing_is_known() -> None:
    found = kpis(Counted((), ()))
    assert found.first_useful_action == Times() and found.approval_latency == Times() and found.days == ()
    shares = (found.triaged_alone, found.wrong_fixes, found.escalations_needed, found.rollbacks_that_helped)
    assert all(one.percent is None and one.interval == (0, 100) for one in (*shares, *found.useful.values()))


def test_times_are_told_by_median_and_slowest_tenth() -> None:
    assert times([5]) == Times(1, 5, 5)
    assert times([9, 1, 5, 3, 7, 2, 4, 6, 8, 1000]) == Times(10, 5, 9)


def test_the_first_useful_action_is_the_one_that_helped_and_not_the_first_one() -> None:
    failed = state("failed", "restart_workload", merged_at="2026-11-14T03:05:00Z")
    found = kpis(Counted([incident()], [failed, state("succeeded", id="prop-2")]))
    assert found.first_useful_action == Times(1, 1200, 1200)
    assert kpis(Counted([incident()], [failed])).first_useful_action == Times()


def test_an_incident_is_triaged_alone_with_a_class_and_something_to_do() -> None:
    known = [incident(analysis=FIX), incident(), incident(analysis=FIX, incident_class="")]
    known.append(incident(analysis={"options": [{"role": "watch"}, {"role": "escalate"}]}))
    assert kpis(Counted(known, ())).triaged_alone == Share(1, 4)


def test_a_fix_was_wrong_if_it_did_not_help_or_people_say_so() -> None:
    ended = [
        state("succeeded"),
        state("failed", id="prop-2"),
        state("succeeded", id="prop-3"),
        state("verifying", id="4"),
    ]
    judged = {"prop-3": False, "4": True}
    assert kpis(Counted((), ended, judged)).wrong_fixes == Share(2, 4)
    assert kpis(Counted((), [state("refused")])).wrong_fixes == Share()


def test_an_escalation_was_needed_if_people_had_something_to_do() -> None:
    novel = incident(incident_class="", status="resolved")
    assert kpis(Counted([novel], ())).escalations_needed == Share(0, 1)
    assert kpis(Counted([replace(novel, commander="dana")], ())).escalations_needed == Share(1, 1)
    assert kpis(Counted([novel], [state("succeeded", by="person")])).escalations_needed == Share(1, 1)
    over = incident(status="resolved")
    assert kpis(Counted([over], [state("succeeded")])).escalations_needed == Share()
    assert kpis(Counted([over], [state("recorded", "escalate")])).escalations_needed == Share(0, 1)
    assert kpis(Counted([incident()], [state("recorded", "escalate")])).escalations_needed == Share()


def test_rollbacks_are_counted_apart() -> None:
    ended = [state("succeeded"), state("failed"), state("succeeded", "restart_workload"), state("verifying")]
    assert kpis(Counted((), ended)).rollbacks_that_helped == Share(1, 2)


def test_what_responders_said_is_counted_by_what_they_said_it_of() -> None:
    found = kpis(Counted((), (), said=[("summary", True), ("summary", False), ("hand_over", True)]))
    assert found.useful == {"summary": Share(1, 2), "recommendation": Share(), "hand_over": Share(1, 1)}


def test_a_day_is_a_column_as_high_as_its_share_of_the_busiest() -> None:
    days = ("2026-11-13", 1), ("2026-11-14", 4)
    states = [
        state("refused", created_at=f"{day}T00:00:00Z", decision={"outcome": "deny"})
        for day, n in days
        for _ in range(n)
    ]
    found = kpis(Counted((), [*states, state("recorded", decision={"outcome": "allow"})]))
    chart = columns(found.days, until="2026-11-14T12:00:00Z", count=7)
    assert chart.most == 5 and len(chart.labels) == 7
    assert {(block.outcome, block.count, block.height) for block in chart.blocks} == {
        ("refused", 1, HEIGHT / 5),
        ("refused", 4, HEIGHT * 4 / 5),
        ("allowed", 1, HEIGHT / 5),
    }
    assert all(block.y + block.height <= HEIGHT for block in chart.blocks)
    assert columns((), until="2026-11-14", count=7).blocks == ()
