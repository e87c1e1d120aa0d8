"""A receipt says what still holds, one answer for each thing that could have changed."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.input_document import Receipt as ReceiptFacts
from engine.core.input_document import TargetFacts
from engine.core.receipt import Found, Receipt, compare, read_receipt

TARGET = TargetFacts(
    found=True,
    uid="u-1",
    resource_version="10",
    generation=2,
    environment="production",
    criticality="critical",
    owner="team-payments",
    stateful=False,
    managed_by_git=True,
)
RECEIPT = Receipt(
    decision_id="dec-1",
    action_digest="sha256:a",
    input_digest="sha256:i",
    change_digest="sha256:c",
    policy_revision="r1",
    policy_digest="sha256:p",
    head="f00d",
    target_uid="u-1",
    target_resource_version="10",
    target_generation=2,
    expires_at="2026-11-14T07:00:00Z",
    tip="3:sha256:t",
)
NOW: dict[str, Any] = {
    "head": "f00d",
    "on_branch": True,
    "action_digest": "sha256:a",
    "change_digest": "sha256:c",
    "target": TARGET,
}


def found(now: str = "2026-11-14T06:59:59Z", **changed: Any) -> ReceiptFacts:
    return compare(RECEIPT, Found(**{**NOW, **changed}), now=now)


def test_nothing_changed_is_nothing_to_refuse() -> None:
    assert found() == ReceiptFacts(
        head_matches=True,
        base_matches=True,
        action_matches=True,
        change_matches=True,
        target_matches=True,
        expired=False,
    )


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({"head": "beef"}, "head_matches"),
        ({"on_branch": False}, "base_matches"),
        ({"action_digest": "sha256:b"}, "action_matches"),
        ({"change_digest": ""}, "change_matches"),
        ({"target": TARGET.model_copy(update={"uid": "u-2"})}, "target_matches"),
        ({"target": TARGET.model_copy(update={"generation": 3})}, "target_matches"),
    ],
)
def test_each_thing_that_changed_is_seen(changed: dict[str, Any], fact: str) -> None:
    facts = found(**changed)
    assert not getattr(facts, fact)
    others = {"head_matches", "base_matches", "action_matches", "change_matches", "target_matches"} - {fact}
    assert all(getattr(facts, other) for other in others)


def test_a_crash_looping_target_whose_status_alone_moves_on_still_matches() -> None:
    assert found(target=TARGET.model_copy(update={"resource_version": "99"})).target_matches


def test_it_expires_at_the_very_second() -> None:
    assert found(now="2026-11-14T07:00:00Z").expired


def test_the_trailers_name_decision_policy_and_tip() -> None:
    assert RECEIPT.trailers()["Penstock-Record-Tip"] == "3:sha256:t"
    assert read_receipt(RECEIPT.as_document()) == RECEIPT
