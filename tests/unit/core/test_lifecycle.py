"""A proposal's life has an order, and what is kept between steps can't be swapped."""

from __future__ import annotations

import pytest

from engine.core.change.model import Change, FileEdit
from engine.core.errors import BadInput, NotPermitted
from engine.core.lifecycle import ProposalState, change_document, read_change, read_state

PROPOSAL = {
    "proposer": {"id": "agent:triage", "kind": "agent"},
    "action": {
        "kind": "restart_workload",
        "target": {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"},
    },
}
CHANGE = Change("c0ffee", (FileEdit("a.yaml", b"x: 1\n", b"x: 2\n"), FileEdit("b.yaml", None, b"y: 1\n")), "x", True)


def state(status: str = "awaiting_approval") -> ProposalState:
    return ProposalState(
        id="prop-1",
        status=status,  # type: ignore[arg-type]
        proposal=PROPOSAL,
        authenticated=True,
        action_digest="sha256:0",
        incident_key="",
        created_at="2026-11-14T03:14:00Z",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("refused", "merging"),
        ("recorded", "opening"),
        ("opening", "merging"),
        ("awaiting_approval", "verifying"),
        ("rejected", "merging"),
        ("succeeded", "failed"),
        ("expired", "awaiting_approval"),
    ],
)
def test_no_step_skips_the_one_before(before: str, after: str) -> None:
    with pytest.raises(NotPermitted, match=f"is {before} can't become {after}"):
        state(before).to(after)  # type: ignore[arg-type]


def test_a_state_reads_back_as_it_was_written() -> None:
    assert read_state(state().as_document()) == state()


def test_a_change_reads_back_as_it_was_decided() -> None:
    assert read_change(change_document(CHANGE)) == CHANGE


def test_edits_swapped_after_the_decision_are_refused() -> None:
    document = change_document(CHANGE)
    document["edits"][0]["after"] = "x: 666\n"
    with pytest.raises(BadInput, match="not the ones that were decided"):
        read_change(document)


def test_the_inverse_of_the_inverse_is_the_change() -> None:
    back = Change(CHANGE.base_commit, CHANGE.inverse, CHANGE.summary, True)
    assert back.inverse == CHANGE.edits


def test_the_change_s_digest_ignores_the_base_and_sees_every_byte() -> None:
    moved = Change("0ddba11", CHANGE.edits, "another sentence", False)
    assert moved.digest == CHANGE.digest
    touched = (FileEdit("a.yaml", b"x: 1\n", b"x: 2 \n"), CHANGE.edits[1])
    assert Change("c0ffee", touched, "x", True).digest != CHANGE.digest
