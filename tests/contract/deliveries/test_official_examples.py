"""GitHub's own examples: none of an event that is consumed is refused, and each says where to look."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.forge.deliveries.github import CONSUMED, looks_of
from engine.core import canonical
from tests.fakes.github.published import examples

EVENTS = sorted(CONSUMED)


def of(event: str) -> list[Any]:
    return examples().get(event, [])


def read(event: str, payload: Any) -> tuple[Any, ...]:
    return looks_of(event, canonical.parse(canonical.encode(payload), where="example"), repository="", branch="main")


@pytest.mark.parametrize("event", EVENTS)
def test_no_example_is_refused(event: str) -> None:
    for payload in of(event):
        read(event, payload)


@pytest.mark.parametrize("event", ["pull_request", "pull_request_review"])
def test_every_example_about_a_pull_request_leads_to_it(event: str) -> None:
    assert of(event)
    for payload in of(event):
        assert [look.number for look in read(event, payload)] == [payload["pull_request"]["number"]]


def test_a_comment_leads_to_its_pull_request_and_to_no_plain_issue() -> None:
    for payload in of("issue_comment"):
        on_pull_request = "pull_request" in payload["issue"]
        assert [look.number for look in read("issue_comment", payload)] == [
            payload["issue"]["number"]
        ] * on_pull_request


def test_there_are_enough_examples_to_mean_something() -> None:
    covered = {event for event in EVENTS if of(event)}
    assert {"pull_request", "pull_request_review", "check_run", "issue_comment", "merge_group", "push"} <= covered
    assert sum(len(of(event)) for event in EVENTS) > 80


def test_an_event_that_isn_t_consumed_asks_for_nothing() -> None:
    for event, payloads in examples().items():
        if event not in CONSUMED:
            assert all(read(event, payload) == () for payload in payloads)
