"""The referee answers what both answer, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.opa.referee import RefereePolicyEngine, difference
from engine.core.decision import Verdict
from engine.core.errors import EvaluatorsDisagree, EvaluatorUnavailable
from tests.fakes.policy_engine import ScriptedPolicyEngine

BASE: dict[str, Any] = {
    "outcome": "deny",
    "tier": 2,
    "risk": "moderate",
    "mode": "enforce",
    "violations": [
        {"rule": "a/b", "message": "one", "remedy": "r", "severity": "error"},
        {"rule": "c/d", "message": "two", "remedy": "r", "severity": "error"},
    ],
    "approvals": {
        "required": [{"role": "team:x", "count": 1, "rule": "a/b"}, {"role": "team:y", "count": 1, "rule": "a/b"}],
        "satisfied": [{"role": "team:x", "count": 1, "rule": "a/b", "by": ["alice", "bob"]}],
        "missing": [],
    },
    "obligations": ["x", "y"],
    "path_to_allow": ["first", "second"],
    "rules": [{"rule": "a/b", "title": "t", "status": "refused", "message": "one"}],
    "exceptions": [],
    "ttl_seconds": 60,
}


def verdict(**changed: Any) -> Verdict:
    return Verdict.model_validate({**BASE, **changed})


def test_order_alone_is_no_difference() -> None:
    turned = verdict(
        violations=BASE["violations"][::-1],
        obligations=["y", "x"],
        approvals={
            **BASE["approvals"],
            "required": BASE["approvals"]["required"][::-1],
            "satisfied": [{**BASE["approvals"]["satisfied"][0], "by": ["bob", "alice"]}],
        },
    )
    assert RefereePolicyEngine(ScriptedPolicyEngine(verdict()), ScriptedPolicyEngine(turned)).decide(b"{}") == verdict()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", "allow"),
        ("tier", 1),
        ("mode", "advise"),
        ("violations", BASE["violations"][:1]),
        ("violations", [*BASE["violations"], BASE["violations"][0]]),
        ("obligations", ["x"]),
        ("path_to_allow", ["second", "first"]),
        ("approvals", {**BASE["approvals"], "missing": BASE["approvals"]["required"][:1]}),
        ("rules", []),
        ("ttl_seconds", 61),
    ],
)
def test_any_other_difference_is_named_and_nobody_has_decided(field: str, value: Any) -> None:
    referee = RefereePolicyEngine(ScriptedPolicyEngine(verdict()), ScriptedPolicyEngine(verdict(**{field: value})))
    with pytest.raises(EvaluatorsDisagree, match=field):
        referee.decide(b"{}")


def test_the_lost_rule_is_in_the_sentence() -> None:
    assert '"two"' in difference(verdict(), verdict(violations=BASE["violations"][:1]))


@pytest.mark.parametrize("swapped", [False, True])
def test_the_failure_of_either_is_the_answer(swapped: bool) -> None:
    engines = [ScriptedPolicyEngine(verdict()), ScriptedPolicyEngine(EvaluatorUnavailable("gone"))]
    first, second = reversed(engines) if swapped else engines
    with pytest.raises(EvaluatorUnavailable, match="gone"):
        RefereePolicyEngine(first, second).decide(b"{}")


def test_two_policies_are_a_disagreement_before_anything_is_asked() -> None:
    referee = RefereePolicyEngine(ScriptedPolicyEngine(verdict()), ScriptedPolicyEngine(verdict(), revision="two"))
    with pytest.raises(EvaluatorsDisagree, match="two"):
        referee.decide(b"{}")


def test_data_that_differ_are_a_disagreement() -> None:
    referee = RefereePolicyEngine(
        ScriptedPolicyEngine(verdict(), topic={"a": 1}), ScriptedPolicyEngine(verdict(), topic={"a": 2})
    )
    with pytest.raises(EvaluatorsDisagree, match="people"):
        referee.data("people")


def test_it_lets_go_of_both() -> None:
    first, second = ScriptedPolicyEngine(verdict()), ScriptedPolicyEngine(verdict())
    with RefereePolicyEngine(first, second):
        assert not first.closed
    assert first.closed
    assert second.closed
