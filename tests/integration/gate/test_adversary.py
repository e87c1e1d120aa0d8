"""What somebody tries who may propose, or review, or neither: swapping, borrowing, overspending and pretending."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.core.errors import BadInput, ToolUnavailable
from engine.core.lifecycle import ProposalState
from engine.usecases.open_change import _branch
from engine.usecases.propose import propose
from engine.usecases.review import review
from engine.usecases.settle import load

API = "Deployment/payments-api"
EVIL = ("agent:evil", "agent")


def rollback(desk: Any, **claims: Any) -> Any:
    return desk.propose("rollback_workload", API, params={"to_revision": "previous"}, **claims)


def refusing(state: Any) -> set[str]:
    return {violation.rule for violation in state.verdict.violations}


def test_nobody_swaps_another_s_action_under_its_approvals(desk: Any) -> None:
    state = rollback(desk)
    review(desk.gate.ports, state.id, reviewer="alice", verdict="approved", note="", now=desk.later(70))
    swapped = desk.propose("restart_workload", API, after=80, by=EVIL)
    assert swapped.status == "refused"
    assert "rate/one_at_a_time" in refusing(swapped)
    assert desk.gate.ports.forge.get(state.pull_request).action_digest == state.action_digest
    done = review(desk.gate.ports, state.id, reviewer="bob", verdict="approved", note="", now=desk.later(90))
    assert done.status == "verifying"


def test_one_s_own_second_thought_takes_the_first_one_s_place_and_no_approval_with_it(desk: Any) -> None:
    first = rollback(desk)
    review(desk.gate.ports, first.id, reviewer="alice", verdict="approved", note="", now=desk.later(70))
    other = {"limits": {"memory": "768Mi"}}
    second = desk.propose("set_resources", API, params=other, after=80)
    assert second.pull_request == first.pull_request
    one = review(desk.gate.ports, second.id, reviewer="bob", verdict="approved", note="", now=desk.later(90))
    assert one.status == "awaiting_approval"
    assert load(desk.gate.ports, first.id).status == "closed"
    assert [(r.subject, second.id in r.body["note"]) for r in desk.records("closed")] == [(first.id, True)]


def test_a_key_used_again_for_another_action_is_bad_input(desk: Any) -> None:
    rollback(desk, key="k")
    with pytest.raises(BadInput, match="another action"):
        desk.propose("restart_workload", API, key="k", after=70)


def test_what_reaches_further_at_the_merge_takes_that_much_more_budget(desk: Any, tmp_path: Path) -> None:
    state = rollback(desk)
    wider = tmp_path / "wider"
    shutil.copytree(desk.gate.settings.snapshot, wider)
    shutil.copy(desk.gate.settings.snapshot.parent / "recording.json", tmp_path / "recording.json")
    pods = json.loads((wider / "pods.json").read_text())
    here = (pod for pod in pods["items"] if pod["metadata"]["namespace"] == "payments")
    mine = next(pod for pod in here if pod["metadata"]["name"].startswith("payments-api-"))
    more = json.loads(json.dumps(mine))
    more["metadata"]["name"] += "2"
    pods["items"].append(more)
    (wider / "pods.json").write_text(json.dumps(pods))
    [recorded] = [r for r in desk.records("input") if r.subject == state.decision_id]
    before = recorded.body["facts"]["blast"]["pods"]

    ports = wiring.looking_at(desk.gate, wider).ports
    for reviewer, second in (("alice", 90), ("bob", 100)):
        state = review(ports, state.id, reviewer=reviewer, verdict="approved", note="", now=desk.later(second))
    assert state.status == "verifying"
    used = ports.ledger.run(lambda tx: tx.used("pods", "prod-eu/payments", since=desk.now, now=desk.later(200)))
    assert used == before + 1


@pytest.mark.parametrize("name", ["", "alice\nbob", "\x1b[2Jalice", "a" * 300])
def test_a_reviewer_without_a_name_is_bad_input_and_reviews_nothing(desk: Any, name: str) -> None:
    state = rollback(desk)
    with pytest.raises(BadInput):
        review(desk.gate.ports, state.id, reviewer=name, verdict="approved", note="", now=desk.later(70))
    assert desk.gate.ports.forge.get(state.pull_request).reviews == ()


def test_the_record_says_that_a_reviewer_is_only_declared(desk: Any) -> None:
    state = rollback(desk)
    review(desk.gate.ports, state.id, reviewer="alice", verdict="approved", note="", now=desk.later(70))
    assert "declared" in desk.records("review")[0].body["identity"]


def test_a_missing_renderer_is_a_recorded_refusal(desk: Any) -> None:
    class Missing:
        def render(self, source: Any, files: Any) -> Any:
            raise ToolUnavailable("kustomize could not be had")

    ports = replace(desk.gate.ports, renderer=Missing())
    with pytest.raises(ToolUnavailable):
        propose(ports, desk.proposal("restart_workload", API), authenticated=True, now=desk.later(60))
    assert [record.body["reason"] for record in desk.records("refusal")] == ["tool_unavailable"]


def test_any_name_makes_a_branch_that_git_takes(desk: Any) -> None:
    claims = desk.proposal("change_rbac", "ClusterRole/system:node..x.lock", namespace="").model_dump(mode="json")
    state = ProposalState("prop-1", "opening", claims, True, "sha256:0", "", desk.now)
    name = _branch(state)
    assert name.startswith("penstock/cluster-system-node-x-lock-")
    assert name.replace("/", "").replace("-", "").isalnum()


@pytest.mark.parametrize("replicas", [True, "x", -1, [], 9007199254740991])
def test_odd_parameters_get_a_decision(desk: Any, replicas: Any) -> None:
    state = desk.propose("scale_workload", API, params={"replicas": replicas}, by=("alice", "person"))
    assert state.status == "refused"
    assert "action/replicas_in_range" in refusing(state)
