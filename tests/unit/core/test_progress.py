"""Each status says how far a proposal came, and what comes after it was not reached."""

from __future__ import annotations

from typing import get_args

import pytest

from engine.core.lifecycle import ProposalState
from engine.core.progress import STEPS, progress
from engine.core.proposal import ProposalStatus


def state(status: str, pull_request: int | None = 7) -> ProposalState:
    return ProposalState("prop-1", status, {}, True, "", "", "", pull_request=pull_request)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", get_args(ProposalStatus))
def test_steps_are_done_up_to_where_it_stands_and_not_reached_after(status: str) -> None:
    steps = progress(state(status))
    assert tuple(step.name for step in steps) == STEPS
    reached = [step.reached for step in steps]
    here = next((n for n, word in enumerate(reached) if word != "done"), len(reached))
    assert all(word == "not reached" for word in reached[here + 1 :])


def test_what_was_refused_reached_no_pull_request() -> None:
    assert [step.reached for step in progress(state("refused"))] == ["done", "stopped", *["not reached"] * 5]
    assert {step.reached for step in progress(state("succeeded"))} == {"done"}


def test_what_was_closed_before_it_was_opened_waited_for_nobody() -> None:
    steps = {step.name: step.reached for step in progress(state("closed", pull_request=None))}
    assert (steps["pull request"], steps["approved"]) == ("stopped", "not reached")
