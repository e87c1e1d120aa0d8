"""The whole way of a proposal, on the recording, with every part real."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.errors import EvaluatorUnavailable, GarbledDecision
from engine.usecases.audit import anchors_in
from engine.usecases.audit import verify as verify_record
from engine.usecases.propose import dry_run, propose
from engine.usecases.review import review
from engine.usecases.settle import load, settle

API = "Deployment/payments-api"


def rollback(desk: Any, **claims: Any) -> Any:
    return desk.propose("rollback_workload", API, params={"to_revision": "previous"}, **claims)


def test_a_restart_within_budget_merges_alone_and_people_are_told(desk: Any) -> None:
    state = desk.propose("restart_workload", API)
    assert state.status == "verifying"
    assert [message["event"] for message in desk.told()] == ["automatic_fix"]
    assert desk.branches() == []


def test_a_rollback_waits_and_merges_with_two_of_the_owning_team(desk: Any) -> None:
    state = rollback(desk)
    assert state.status == "awaiting_approval"
    ports = desk.gate.ports
    one = review(ports, state.id, reviewer="alice", verdict="approved", note="", now=desk.later(90))
    assert one.status == "awaiting_approval"
    two = review(ports, state.id, reviewer="bob", verdict="approved", note="", now=desk.later(120))
    assert two.status == "verifying"
    commit = ports.repository.read(two.merge_commit, "apps/payments/overlays/production/kustomization.yaml")
    assert b'newTag: "2.8.3"' in commit


def test_people_are_told_who_is_wanted_and_what_was_refused(desk: Any) -> None:
    rollback(desk)
    desk.propose("delete_resource", "PersistentVolumeClaim/payments-db-data-payments-db-0")
    wanted, refused = desk.told()
    assert (wanted["event"], refused["event"]) == ("approval_wanted", "refused")
    assert "2 of team:team-payments" in wanted["text"]
    assert "reversibility/data_loss" in refused["text"]


def test_the_same_person_twice_is_one_approval(desk: Any) -> None:
    state = rollback(desk)
    for second in (90, 100, 110):
        state = review(desk.gate.ports, state.id, reviewer="alice", verdict="approved", note="", now=desk.later(second))
    assert state.status == "awaiting_approval"


def test_a_rejection_by_the_owner_closes_it_and_gives_the_budget_back(desk: Any) -> None:
    state = rollback(desk)
    closed = review(desk.gate.ports, state.id, reviewer="alice", verdict="rejected", note="no", now=desk.later(90))
    assert closed.status == "rejected"
    assert desk.branches() == []
    used = desk.gate.ports.ledger.run(
        lambda tx: tx.used("pods", "prod-eu/payments", since=desk.now, now=desk.later(100))
    )
    assert used == 0
    again = rollback(desk, after=200)
    assert again.status == "refused"
    assert "rate/rejected_cooldown" in {v.rule for v in again.verdict.violations}


def test_a_stranger_s_rejection_closes_nothing(desk: Any) -> None:
    state = rollback(desk)
    same = review(desk.gate.ports, state.id, reviewer="mallory", verdict="rejected", note="", now=desk.later(90))
    assert same.status == "awaiting_approval"


def test_an_unapproved_pull_request_lapses(desk: Any) -> None:
    state = rollback(desk)
    lapsed = settle(desk.gate.ports, state.id, now=desk.later(5 * 3600))
    assert lapsed.status == "expired"
    assert desk.branches() == []


def test_the_merge_carries_the_record_s_tip(desk: Any) -> None:
    desk.propose("restart_workload", API)
    ports = desk.gate.ports
    found = verify_record(ports.ledger.export(), anchors_in(ports.repository, "main"))
    assert found.holds
    assert len(found.matched) >= 1


def test_proposing_twice_with_one_key_makes_one_proposal(desk: Any) -> None:
    one = desk.propose("restart_workload", API, key="k1")
    other = desk.propose("restart_workload", API, key="k1", after=70)
    assert one.id == other.id
    assert len(desk.records("merge")) == 1


def test_a_dry_run_reserves_and_opens_nothing(desk: Any) -> None:
    proposal = desk.proposal("restart_workload", API)
    asked = dry_run(desk.gate.ports, proposal, authenticated=True, now=desk.later(60))
    assert asked.decision.outcome == "allow"
    assert desk.branches() == []
    used = desk.gate.ports.ledger.run(
        lambda tx: tx.used("automatic_fixes", "prod-eu/payments", since=desk.now, now=desk.later(70))
    )
    assert used == 0


def test_a_refused_proposal_makes_no_branch_and_spends_nothing(desk: Any) -> None:
    state = desk.propose("delete_resource", "PersistentVolumeClaim/payments-db-data-payments-db-0")
    assert state.status == "refused"
    assert desk.branches() == []
    used = desk.gate.ports.ledger.run(
        lambda tx: tx.used("pods", "prod-eu/payments", since=desk.now, now=desk.later(70))
    )
    assert used == 0


@pytest.mark.parametrize("error", [EvaluatorUnavailable, GarbledDecision])
def test_no_decision_is_a_recorded_refusal(desk: Any, error: Any) -> None:
    class Silent:
        def decide(self, document: bytes) -> Any:
            raise error("nobody answered")

        def identity(self) -> Any:
            return desk.gate.ports.policy.identity()

        def data(self, topic: str) -> Any:
            return desk.gate.ports.policy.data(topic)

    ports = replace(desk.gate.ports, policy=Silent())
    with pytest.raises(error):
        propose(ports, desk.proposal("restart_workload", API), authenticated=True, now=desk.later(60))
    refusals = desk.records("refusal")
    assert [record.body["reason"] for record in refusals] == [error.reason]
    assert desk.branches() == []


def test_without_a_forge_nothing_is_opened_whatever_is_decided(desk: Any) -> None:
    ports = replace(desk.gate.ports, forge=None)
    state = propose(ports, desk.proposal("restart_workload", API), authenticated=True, now=desk.later(60))
    assert state.status == "recorded"
    assert state.verdict.outcome == "allow"
    assert desk.branches() == []


def test_a_branch_that_somebody_changed_is_not_what_was_approved(desk: Any) -> None:
    state = rollback(desk)
    ports = desk.gate.ports
    pull = ports.forge.get(state.pull_request)
    path = "apps/payments/overlays/production/kustomization.yaml"
    from engine.core.change.model import FileEdit

    before = ports.repository.read(pull.head, path)
    edit = FileEdit(path, before, before.replace(b"2.8.3", b"6.6.6"))
    evil = ports.repository.commit(pull.head, [edit], message="x", author="m <m@example.com>", at=desk.later(70))
    ports.repository.move(f"refs/heads/{pull.branch}", pull.head, evil)
    for reviewer, second in (("alice", 90), ("bob", 100)):
        state = review(ports, state.id, reviewer=reviewer, verdict="approved", note="", now=desk.later(second))
    assert load(ports, state.id).status == "awaiting_approval"
    assert "receipt/matches" in {v.rule for v in state.verdict.violations}
    assert len(desk.records("merge")) == 0
