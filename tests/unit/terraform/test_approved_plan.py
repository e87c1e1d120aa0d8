"""The file that approves a plan: what it is made of, and when a plan is too old to replace it."""

from __future__ import annotations

import pytest

from engine.core.errors import BadInput, StalePlan
from engine.core.terraform.approved_plan import path_of, read_approved, refuse_stale, write_approved
from engine.core.terraform.state import NO_STATE, StateMark

APPROVED = {"plan": "sha256:0", "action": "sha256:1", "lineage": "l", "serial": 7}


def test_what_is_written_is_read_back() -> None:
    text = write_approved({"plan": "sha256:0", "lineage": "l", "serial": 7, "create": ["a a.b"]}, "sha256:1")
    assert read_approved(text, where="file") == {**APPROVED, "create": ["a a.b"]}


@pytest.mark.parametrize("name", ["", "..", "a/b", "../x", ".hidden", "a b", "a" * 101])
def test_a_workspace_is_one_folder(name: str) -> None:
    with pytest.raises(BadInput):
        path_of(name)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"plan": "a", "action": "b", "lineage": "c", "serial": "7"}'])
def test_a_file_that_says_something_else_approves_nothing(text: bytes) -> None:
    with pytest.raises(BadInput):
        read_approved(text, where="file")


@pytest.mark.parametrize("state", [StateMark("l", 7), StateMark("l", 8)])
def test_a_plan_of_the_same_state_or_a_later_one_may_replace_it(state: StateMark) -> None:
    refuse_stale(APPROVED, state, where="file")


@pytest.mark.parametrize("state", [StateMark("l", 6), StateMark("m", 9), NO_STATE])
def test_a_plan_of_an_earlier_state_or_of_another_may_not(state: StateMark) -> None:
    with pytest.raises(StalePlan):
        refuse_stale(APPROVED, state, where="file")


def test_the_first_plan_of_a_workspace_has_no_state_and_the_next_one_has() -> None:
    refuse_stale({**APPROVED, "lineage": "", "serial": 0}, StateMark("l", 1), where="file")
