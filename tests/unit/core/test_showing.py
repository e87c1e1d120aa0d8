"""A review is held against what stood beside its head when it was given, and against nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.input_document import Approval
from engine.core.pull_request import PullRequest, Review
from engine.core.showing import KEPT, Bound, Showing, adding, approvals, proposed, read_showings, seen, wrote

FIRST = Showing("2026-11-14T03:10:00Z", "a" * 40, "main", True, "act", "files", ("tier/base",), "r1", "dec-1")
LATER = replace(FIRST, at="2026-11-14T03:20:00Z", made=False, rules=("approval/admin", "tier/base"))
BOUND = Bound("act", "files", "agent:triage", "main")
REVIEW = Review("alice", "person", "approved", FIRST.head, "", "2026-11-14T03:15:00Z")
PULL = PullRequest(
    1, "k", "b", "main", FIRST.head, "", "", "open", "agent:triage", "act", "dec-1", FIRST.at, reviews=(REVIEW,)
)


def told(*showings: Showing, pull: PullRequest = PULL, people: Any = None) -> Approval:
    return approvals(pull, BOUND, showings, people or {}, now="2026-11-14T03:30:00Z")[0]


def test_what_stood_there_when_it_was_given_is_what_was_seen() -> None:
    assert seen((FIRST, LATER), REVIEW) == FIRST
    assert seen((FIRST, LATER), replace(REVIEW, at="2026-11-14T03:20:01Z")) == LATER


def test_a_review_of_the_same_second_saw_what_stood_there_before() -> None:
    assert seen((FIRST, LATER), replace(REVIEW, at=LATER.at)) == FIRST


def test_only_a_head_that_the_gate_made_was_shown_from_its_beginning() -> None:
    early = replace(REVIEW, at="2026-11-14T03:09:00Z")
    assert seen((FIRST,), early) == FIRST
    assert seen((replace(FIRST, made=False),), early) is None


def test_one_that_fits_fits_in_everything() -> None:
    fact = told(FIRST)
    assert fact.head_matches and fact.base_matches and fact.action_matches and fact.change_matches
    assert (fact.author, fact.wrote, fact.edited, fact.age_seconds) == (False, False, False, 900)
    assert (fact.rules, fact.policy_revision) == (["tier/base"], "r1")


def test_where_nothing_was_shown_nothing_fits() -> None:
    fact = told()
    assert not (fact.head_matches or fact.base_matches or fact.action_matches or fact.change_matches)
    assert (fact.rules, fact.policy_revision) == ([], "")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"base": "elsewhere"}, "base_matches"),
        ({"action_digest": "other"}, "action_matches"),
        ({"change_digest": "other"}, "change_matches"),
        ({"change_digest": ""}, "change_matches"),
    ],
)
def test_what_was_shown_otherwise_does_not_fit(changed: dict[str, Any], field: str) -> None:
    assert not getattr(told(replace(FIRST, **changed)), field)


def test_the_gates_own_push_of_the_same_edits_is_harmless_and_nobody_elses_is() -> None:
    pushed = replace(FIRST, at=LATER.at, head="b" * 40, decision_id="dec-2")
    moved = replace(PULL, head=pushed.head)
    assert told(FIRST, pushed, pull=moved).head_matches
    assert not told(FIRST, replace(pushed, made=False), pull=moved).head_matches
    assert not told(FIRST, replace(pushed, change_digest="other"), pull=moved).head_matches
    assert not told(FIRST, pull=moved).head_matches


def test_a_commit_is_held_against_whom_it_names() -> None:
    people = {"alice": {"emails": ["Alice@example.com"]}, "bob": {"emails": "bob@example.com"}}
    assert wrote("alice", (), people) is False
    assert wrote("alice", ("alice",), people) is True
    assert wrote("alice", ("alice@example.com", "who@example.com"), people) is True
    assert wrote("bob", ("alice@example.com",), people) is False
    assert wrote("bob", ("bob@example.com",), people) is None


def test_what_shows_nothing_new_is_kept_once_and_the_oldest_make_room() -> None:
    document: dict[str, Any] | None = None
    for showing in (FIRST, replace(FIRST, at=LATER.at, decision_id="dec-9", made=False), LATER):
        document = adding(document, showing)
    assert read_showings(document) == (FIRST, LATER)
    for number in range(KEPT + 1):
        document = adding(document, replace(FIRST, head=f"{number:040}"))
    assert len(read_showings(document)) == KEPT and read_showings(None) == ()


@pytest.mark.parametrize(
    ("earlier", "counted_out"),
    [
        ({"alice": "person"}, True),
        ({"al": "person"}, True),
        ({"bob": "person"}, False),
        ({"github:7": "person"}, True),
        ({"github:8": "person"}, False),
        ({"agent:other": "agent"}, False),
    ],
)
def test_who_proposed_the_same_before_can_t_approve_it_nor_anybody_while_that_account_is_unknown(
    earlier: dict[str, str], counted_out: bool
) -> None:
    people = {"alice": {"names": ["al"]}, "bob": {"names": ["github:8"]}}
    assert proposed("alice", replace(BOUND, earlier=earlier), people) is counted_out
