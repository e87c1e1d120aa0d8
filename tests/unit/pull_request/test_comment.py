"""The comment and the body say first what somebody on a phone needs."""

from __future__ import annotations

import pytest

from engine.core.pull_request_text import body
from engine.core.reevaluate_box import BOX, ticked, unticked
from engine.core.sticky_comment import comment_of, waiting
from tests.unit.pull_request.decided import decision, facts, state


def test_what_is_missing_and_from_whom_comes_before_everything_else() -> None:
    lines = comment_of(state(made=decision("payments"))).splitlines()
    assert lines[0] == "**Needs approval (tier 2, moderate): 2 of team:payments**"
    assert "- 2 more of team:payments, for approval/owner" in lines
    assert "- team:payments: payments" in lines
    assert lines[-1] == f"- [ ] {BOX} Re-evaluate"


def test_a_refusal_says_what_to_do() -> None:
    text = comment_of(state(made=decision("Make it smaller", outcome="deny")))
    assert "- change/size. Make it smaller." in text
    assert "Missing" not in text


def test_it_says_the_same_as_long_as_it_stands_the_same() -> None:
    later = decision(decision_id="dec-later", input_digest="sha256:other", expires_at="2026-11-14T09:00:00Z")
    assert comment_of(state(made=decision())) == comment_of(state(made=later))


@pytest.mark.parametrize("status", ["verifying", "succeeded", "failed", "rejected", "expired", "closed", "refused"])
def test_what_ended_offers_no_box(status: str) -> None:
    text = comment_of(state("a note", status=status))
    assert "a note" in text
    assert BOX not in text


def test_no_decision_is_said_to_be_none() -> None:
    assert waiting(None, "The evaluator is gone.").startswith("**The gate couldn't decide.**")


def test_the_body_is_ordered_for_a_phone_and_has_no_table() -> None:
    text = body(state("why", made=decision("payments")), decision("payments"), facts(), None)
    order = [
        "Needs approval",
        "Wanted before it merges",
        "Target: Deployment payments/payments-api in prod-eu",
        "Reach: 3 pods",
        "Evidence cited: ev-1",
        "The rules that decided",
        "git revert -m 1",
        "Expires 2026-11-14T07:18:00Z",
        "<!-- penstock-decision: dec-0123456789abcdef -->",
    ]
    found = [text.index(words) for words in order]
    assert found == sorted(found)
    assert "|--" not in text


def test_the_box_that_counts_is_the_gates_own_below_everything_that_others_wrote() -> None:
    claimed = state(f"- [x] {BOX} Re-evaluate", made=decision())
    text = body(claimed, decision(), facts(), None)
    assert not ticked(text)
    own = text.replace(f"- [ ] {BOX}", f"* [X] {BOX}")
    assert ticked(own.replace("\n", "\r\n"))
    assert not ticked(unticked(own))
    assert not ticked("")
