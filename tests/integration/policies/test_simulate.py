"""Simulate: the same policy on the same input with one thing changed, and nothing left behind."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import BadInput, NotFound
from engine.usecases.simulate import WhatIf, read_edit, recorded_input, simulate
from tests.conftest import Desk


@pytest.fixture
def waiting(desk: Desk) -> Any:
    """The recorded input of a rollback that waits for two of the payments team."""
    state = desk.propose("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})
    return desk.gate.ports.ledger.run(lambda tx: recorded_input(tx, state.decision_id))


def outcome(desk: Desk, waiting: Any, **what_if: Any) -> str:
    _, decision = simulate(desk.gate.ports.policy, waiting[0], WhatIf(**what_if))
    return decision.outcome


def test_nothing_changed_gives_the_recorded_answer(desk: Desk, waiting: Any) -> None:
    _, decision = simulate(desk.gate.ports.policy, waiting[0], WhatIf())
    assert decision.outcome == waiting[1].outcome == "require_approval"
    assert decision.input_digest == waiting[1].input_digest


def test_people_who_may_approve_make_it_allowed_and_others_do_not(desk: Desk, waiting: Any) -> None:
    assert outcome(desk, waiting, approved_by=["alice"]) == "require_approval"
    assert outcome(desk, waiting, approved_by=["alice", "mallory"]) == "require_approval"
    assert outcome(desk, waiting, approved_by=["alice", "bob"]) == "allow"


def test_switch_environment_time_and_any_fact_can_be_replaced(desk: Desk, waiting: Any) -> None:
    approved = {"approved_by": ["alice", "bob"]}
    assert outcome(desk, waiting, switch="frozen", **approved) == "deny"
    assert outcome(desk, waiting, environment="unknown", **approved) == "deny"
    assert outcome(desk, waiting, values={"facts.target.owner": ""}, **approved) == "deny"
    asked, _ = simulate(desk.gate.ports.policy, waiting[0], WhatIf(at="2026-12-24T10:00:00Z"))
    assert asked.time.instant == "2026-12-24T10:00:00Z"
    assert set(asked.time.zones) == set(waiting[0]["time"]["zones"])


def test_a_simulation_leaves_no_record(desk: Desk, waiting: Any) -> None:
    before = len(desk.records())
    outcome(desk, waiting, switch="frozen")
    assert len(desk.records()) == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("facts.blast.podz", 3),
        ("facts.blast.pods", "many"),
        ("facts.blast.pods.more", 1),
        ("approvals.0.state", "approved"),
        ("switch.mode", "off"),
        ("nothing", 1),
    ],
)
def test_an_edit_that_does_not_fit_is_refused_with_its_path(desk: Desk, waiting: Any, path: str, value: Any) -> None:
    with pytest.raises(BadInput) as refusal:
        outcome(desk, waiting, values={path: value})
    assert path.split(".", maxsplit=1)[0] in str(refusal.value)


def test_an_edit_is_json_or_a_word() -> None:
    assert read_edit("facts.blast.pods=12") == ("facts.blast.pods", 12)
    assert read_edit("facts.target.owner=team:x=y") == ("facts.target.owner", "team:x=y")
    with pytest.raises(BadInput):
        read_edit("facts.blast.pods")


def test_a_decision_that_is_not_recorded_is_not_invented(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.gate.ports.ledger.run(lambda tx: recorded_input(tx, "dec-0000000000000000"))
