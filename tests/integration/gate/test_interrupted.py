"""What was cut off, froze, lapsed or raced between two steps is taken up safely or let go, and blocks nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.adapters.forge.local import LocalForge
from engine.core.change.model import FileEdit
from engine.core.errors import EvaluatorUnavailable, ForgeRefused, MergesLater
from engine.usecases import open_change
from engine.usecases.move_switch import move_switch
from engine.usecases.propose import propose
from engine.usecases.reconcile_pull_request import reconcile_pull_request
from engine.usecases.resume import resume
from engine.usecases.review import review
from engine.usecases.settle import load, settle

API = "Deployment/payments-api"
FILE = "apps/payments/overlays/production/kustomization.yaml"


class Cut(Exception):
    """Stands for the process ending right here."""


def cut(*_args: Any, **_kwargs: Any) -> Any:
    raise Cut


def rollback(desk: Any, **claims: Any) -> Any:
    return desk.propose("rollback_workload", API, params={"to_revision": "previous"}, **claims)


def decided(desk: Any, kind: str = "restart_workload", **claims: Any) -> Any:
    return propose(desk.gate.ports, desk.proposal(kind, API, **claims), authenticated=True, now=desk.later(60))


def freeze(desk: Any) -> None:
    move_switch(desk.gate.ports.ledger, "frozen", by="erin", reason="something is off", at=desk.later(65))


def edit_by_hand(desk: Any, branch: str) -> str:
    repository = desk.gate.ports.repository
    ref = f"refs/heads/{branch}"
    head = repository.ref(ref)
    edit = FileEdit("by-hand.txt", None, b"mine\n")
    mine = repository.commit(
        head or repository.head("main"), [edit], message="x", author="m <m@example.com>", at=desk.later(62)
    )
    repository.move(ref, head, mine)
    return str(mine)


def used(desk: Any, budget: str, seconds: int = 300) -> int:
    return int(
        desk.gate.ports.ledger.run(
            lambda tx: tx.used(budget, "prod-eu/payments", since=desk.now, now=desk.later(seconds))
        )
    )


def test_a_merge_cut_off_is_not_made_up_for_under_a_freeze(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(LocalForge, "merge", cut)
        with pytest.raises(Cut):
            desk.propose("restart_workload", API)
    freeze(desk)
    resume(desk.gate.ports, now=desk.later(70))
    [state] = desk.gate.ports.ledger.run(lambda tx: tx.select("proposals"))
    assert state["status"] == "awaiting_approval"
    assert desk.records("merge") == []


def test_nothing_is_opened_under_a_freeze_that_came_after_the_decision(desk: Any) -> None:
    state = decided(desk)
    freeze(desk)
    resume(desk.gate.ports, now=desk.later(70))
    assert desk.branches() == []
    assert desk.gate.ports.forge.list_open() == []
    move_switch(desk.gate.ports.ledger, "normal", by="erin", reason="all clear", at=desk.later(75))
    resume(desk.gate.ports, now=desk.later(80))
    assert load(desk.gate.ports, state.id).status == "verifying"


def test_what_expired_before_it_was_opened_is_never_opened(desk: Any) -> None:
    state = decided(desk)
    resume(desk.gate.ports, now=desk.later(2 * 3600))
    assert load(desk.gate.ports, state.id).status == "expired"
    assert desk.gate.ports.forge.find(state.pull_request_key) == []
    assert [record.subject for record in desk.records("expired")] == [state.id]


def test_a_merge_cut_off_and_closed_by_hand_is_closed_and_not_taken_for_merged(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(LocalForge, "merge", cut)
        with pytest.raises(Cut):
            desk.propose("restart_workload", API)
    [pull] = desk.gate.ports.forge.list_open()
    desk.gate.ports.forge.close(pull.number, note="no", at=desk.later(65))
    [state] = resume(desk.gate.ports, now=desk.later(70))
    assert state.status == "closed"
    assert desk.records("merge") == []
    assert used(desk, "automatic_fixes") == 0


def test_what_may_go_alone_goes_after_a_cut_between_opening_and_merging(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.usecases import resume as resuming

    with monkeypatch.context() as patched:
        patched.setattr(resuming, "settle", cut)
        with pytest.raises(Cut):
            desk.propose("restart_workload", API)
    assert [state.status for state in resume(desk.gate.ports, now=desk.later(70))] == ["verifying"]


def test_two_processes_that_merge_at_once_make_one_merge_and_one_record(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = LocalForge.merge

    def both(self: Any, *args: Any, **kwargs: Any) -> Any:
        really(self, *args, **kwargs)
        return really(self, *args, **kwargs)

    monkeypatch.setattr(LocalForge, "merge", both)
    state = desk.propose("restart_workload", API)
    assert state.status == "verifying"
    assert [record.body["outside"] for record in desk.records("merge")] == [False]
    assert used(desk, "automatic_fixes") == 1


def test_a_proposal_that_the_forge_refuses_is_let_go_and_blocks_nothing(desk: Any) -> None:
    state = decided(desk)
    edit_by_hand(desk, open_change._branch(state))
    assert [moved.status for moved in resume(desk.gate.ports, now=desk.later(70))] == []
    assert load(desk.gate.ports, state.id).status == "closed"
    assert used(desk, "automatic_fixes") == 0
    assert [record.subject for record in desk.records("closed")] == [state.id]
    assert resume(desk.gate.ports, now=desk.later(80)) == []


def test_a_commit_slipped_in_after_a_cut_is_never_bound_by_the_receipt(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(open_change, "_opened", cut)
        with pytest.raises(Cut):
            rollback(desk)
    [pull] = desk.gate.ports.forge.list_open()
    edit_by_hand(desk, pull.branch)
    resume(desk.gate.ports, now=desk.later(70))
    [state] = desk.gate.ports.ledger.run(lambda tx: tx.select("proposals"))
    assert (state["status"], state["receipt"]) == ("closed", None)


def test_what_a_person_merged_after_a_cut_is_not_opened_again(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(open_change, "_opened", cut)
        with pytest.raises(Cut):
            rollback(desk)
    forge = desk.gate.ports.forge
    [pull] = forge.list_open()
    forge.merge(pull.number, expected_head=pull.head, trailers={}, by="alice", at=desk.later(65))
    resume(desk.gate.ports, now=desk.later(70))
    resume(desk.gate.ports, now=desk.later(75))
    assert len(forge.find(pull.key)) == 1
    assert [record.body["outside"] for record in desk.records("merge")] == [True]


@pytest.mark.parametrize("policy_answers", [True, False])
def test_what_nobody_approves_lapses_though_nobody_settles_it(desk: Any, policy_answers: bool) -> None:
    class Silent:
        def decide(self, document: bytes) -> Any:
            raise EvaluatorUnavailable("nobody answered")

        identity = desk.gate.ports.policy.identity
        data = desk.gate.ports.policy.data

    state = rollback(desk)
    ports = desk.gate.ports if policy_answers else replace(desk.gate.ports, policy=Silent())
    assert resume(ports, now=desk.later(3600)) == []
    assert [moved.status for moved in resume(ports, now=desk.later(5 * 3600))] == ["expired"]
    assert desk.branches() == []
    assert [record.subject for record in desk.records("expired")] == [state.id]


class MergingLater:
    """A forge that takes merges over and does them when it is told to."""

    def __init__(self, forge: LocalForge) -> None:
        self._forge = forge

    def __getattr__(self, name: str) -> Any:
        return getattr(self._forge, name)

    def merge(self, number: int, **_: Any) -> Any:
        raise MergesLater("it merges it once what else it requires has passed", where=f"pull request {number}")


def handed_over(desk: Any) -> tuple[Any, Any, LocalForge]:
    """A proposal that the forge is to merge, with the ports and the forge."""
    state, forge = rollback(desk), desk.gate.ports.forge
    ports = replace(desk.gate.ports, forge=MergingLater(forge))
    for seconds, who in ((70, "alice"), (71, "bob")):
        state = review(ports, state.id, reviewer=who, verdict="approved", note="", now=desk.later(seconds))
    assert (state.status, state.handed_over) == ("awaiting_approval", True)
    return state, ports, forge


def merged_by_forge(desk: Any, state: Any, forge: LocalForge) -> None:
    head = forge.get(state.pull_request).head
    forge.merge(state.pull_request, expected_head=head, trailers={}, by="the forge", at=desk.later(90))


def test_what_the_forge_merges_later_for_the_gate_is_the_gates_merge(desk: Any) -> None:
    state, ports, forge = handed_over(desk)
    assert resume(ports, now=desk.later(80)) == [] and used(desk, "automatic_fixes") == 0
    looked = reconcile_pull_request(ports, state.pull_request, now=desk.later(85), again=True)
    assert looked is not None and (looked.handed_over, looked.note) == (True, state.note)
    check = forge.get(state.pull_request).check
    assert check is not None and check.state == "success"
    merged_by_forge(desk, state, forge)
    assert settle(ports, state.id, now=desk.later(100)).status == "verifying"
    assert [record.body["outside"] for record in desk.records("merge")] == [False]
    assert [message["event"] for message in desk.told()][-1] == "merged"


def test_what_the_forge_merges_after_policy_changed_its_mind_is_outside_the_gate(desk: Any) -> None:
    state, ports, forge = handed_over(desk)
    freeze(desk)
    waits = settle(ports, state.id, now=desk.later(80))
    assert (waits.status, waits.handed_over) == ("awaiting_approval", False)
    merged_by_forge(desk, state, forge)
    settle(ports, state.id, now=desk.later(100))
    assert [record.body["outside"] for record in desk.records("merge")] == [True]


def test_what_the_forge_merges_with_anything_else_than_was_decided_is_outside_the_gate(desk: Any) -> None:
    state, ports, forge = handed_over(desk)
    merged_by_forge(desk, state, forge)

    class Mixed(MergingLater):
        def get(self, number: int) -> Any:
            pull = self._forge.get(number)
            return replace(pull, merge_commit=desk.gate.ports.repository.describe(pull.merge_commit).parents[0])

    settle(replace(ports, forge=Mixed(forge)), state.id, now=desk.later(100))
    assert [record.body["outside"] for record in desk.records("merge")] == [True]


def test_a_merge_past_the_gate_is_told_and_recorded_as_that(desk: Any) -> None:
    state = rollback(desk)
    forge = desk.gate.ports.forge
    pull = forge.get(state.pull_request)
    forge.merge(pull.number, expected_head=pull.head, trailers={}, by="mallory", at=desk.later(90))
    followed = settle(desk.gate.ports, state.id, now=desk.later(100))
    assert followed.status == "verifying"
    assert desk.records("merge")[0].body["outside"] is True
    told = desk.told()
    assert [message["event"] for message in told][-1] == "merged_outside"
    assert "Approved and merged" not in [message["title"] for message in told]


def test_a_rejection_after_somebody_merged_it_does_not_call_it_rejected(desk: Any) -> None:
    state = rollback(desk)
    forge = desk.gate.ports.forge
    pull = forge.get(state.pull_request)
    from engine.usecases.settle import close

    forge.merge(pull.number, expected_head=pull.head, trailers={}, by="mallory", at=desk.later(90))
    assert close(desk.gate.ports, state.id, status="rejected", note="no", now=desk.later(95)).status == "verifying"
    assert desk.records("rejected") == []


def test_a_late_rejection_finds_it_expired(desk: Any) -> None:
    state = rollback(desk)
    late = desk.later(5 * 3600)
    after = review(desk.gate.ports, state.id, reviewer="alice", verdict="rejected", note="", now=late)
    assert after.status == "expired"


def test_silence_at_the_merge_is_a_recorded_refusal_and_leaves_it_waiting(desk: Any) -> None:
    class Silent:
        def decide(self, document: bytes) -> Any:
            raise EvaluatorUnavailable("nobody answered")

        identity = desk.gate.ports.policy.identity
        data = desk.gate.ports.policy.data

    state = rollback(desk)
    with pytest.raises(EvaluatorUnavailable):
        settle(replace(desk.gate.ports, policy=Silent()), state.id, now=desk.later(90))
    assert [record.body["reason"] for record in desk.records("refusal")] == ["evaluator_unavailable"]
    assert load(desk.gate.ports, state.id).status == "awaiting_approval"


def test_a_conflict_at_the_merge_leaves_it_waiting_with_the_reason(desk: Any) -> None:
    state = rollback(desk)
    ports = desk.gate.ports
    base = ports.repository.head("main")
    before = ports.repository.read(base, FILE)
    edit = FileEdit(FILE, before, before.replace(b"2.9.0", b"2.9.1"))
    other = ports.repository.commit(base, [edit], message="x", author="m <m@example.com>", at=desk.later(70))
    ports.repository.move("refs/heads/main", base, other)
    review(ports, state.id, reviewer="alice", verdict="approved", note="", now=desk.later(90))
    with pytest.raises(ForgeRefused, match="conflict"):
        review(ports, state.id, reviewer="bob", verdict="approved", note="", now=desk.later(95))
    assert load(ports, state.id).status == "awaiting_approval"
    assert resume(ports, now=desk.later(99)) == []
