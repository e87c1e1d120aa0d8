"""A fault in a real cluster, and the whole way back: incident, pull request, approvals, merge, sync, recovery.

The tests are one story and run in this order. While the gate verifies, it is killed, and the API server goes away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.cluster.story import BAD, REPLICAS, Story, beginning, crash, scan
from tests.e2e.lab import argocd
from tests.e2e.lab.control_plane import ControlPlane
from tests.e2e.lab.gate import until
from tests.e2e.lab.gitea import binary

told: dict[str, Any] = {}


@pytest.fixture(scope="module")
def story(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The story; without its tools its tests are skipped, and say how they are obtained."""
    gone = argocd.missing()
    if gone:
        pytest.skip(f"not on this machine: {gone}; gitops/lab/build-tools builds or unpacks them")
    found = binary()
    if found is None:
        pytest.skip("Gitea isn't on this machine: python -m engine.adapters.tools gitea obtains it")
    with beginning(plane, found, tmp_path_factory.mktemp("story")) as begun:
        yield begun
        print("\n\nTimeline\n" + "\n".join(f"  {at}  {text}" for at, text in begun.timeline))


def incident(story: Story) -> Any:
    found = story.gate.ask("GET", "/v1/incidents")
    return next((each for each in found if "payments-api" in each["key"] and each["incident_class"]), None)


def test_a_healthy_cluster_has_no_incident(story: Story) -> None:
    assert len(story.pods()) == REPLICAS
    assert incident(story) is None
    story.tell("payments-api is healthy in a real cluster, nodes and pods played by KWOK; the gate follows it")


def test_the_release_crashes_and_is_an_incident(story: Story, tmp_path: Any) -> None:
    assert story.plane is not None
    commit = story.release()
    story.tell(f"Argo CD applies main at {commit[:12]}: payments-api 2.9.0")
    story.plane.kubectl("rollout", "status", "deployment/payments-api", "-n", "payments", "--timeout=100s")
    scan(story.plane, [])
    assert len(story.pods(BAD)) == REPLICAS and incident(story) is None
    crash(story.plane, tmp_path)
    found = until(lambda: incident(story), "the gate notices by itself")
    story.tell(f"its pods crash; the gate notices by itself: {found['key']}, {found['severity']}")
    assert found["incident_class"] == "crash-loop"
    told["incident"] = found["id"]


def test_an_agent_s_rollback_becomes_a_pull_request(story: Story) -> None:
    evidence = story.gate.ask("GET", f"/v1/incidents/{told['incident']}")["evidence"]
    target = {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}
    body = {
        "proposer": {"id": "agent:triage", "kind": "agent"},
        "action": {"kind": "rollback_workload", "target": target, "params": {"to_revision": "previous"}},
        "incident": {**{key: target[key] for key in ("namespace", "kind", "name")}, "reason": "CrashLoopBackOff"},
        "reason": "It crashes since the release",
        "evidence": [each["id"] for each in evidence][:4],
    }
    proposed = story.gate.ask("POST", "/v1/proposals", body)
    assert proposed["status"] == "awaiting_approval", proposed
    pull = story.pull(proposed["pull_request"])
    told.update(id=proposed["id"], number=pull["number"])
    story.tell(
        f"agent:triage proposes a rollback; decided {proposed['decision']['outcome']}, opened as #{pull['number']}"
    )
    assert len(story.pods(BAD)) == REPLICAS and not pull["merged"]


def test_it_merges_once_two_of_the_team_approved(story: Story) -> None:
    before = story.place.tip()
    story.review(told["number"], "alice")
    story.tell("alice approves")
    assert story.wanted(told["number"]) == 1
    assert story.place.tip() == before
    story.review(told["number"], "bob")
    story.tell("bob approves")
    merged = lambda: story.pull(told["number"])["merged"] or story.look(told["number"])[0] == "failure"  # noqa: E731
    until(merged, "the gate merges")
    assert story.pull(told["number"])["merged"], story.look(told["number"])
    told["commit"] = story.pull(told["number"])["merge_commit_sha"]
    story.tell(f"the gate merges as {told['commit'][:12]}; it wrote nothing to the cluster")


def test_argo_cd_applies_the_merge_and_only_then_the_gate_begins_to_verify(story: Story) -> None:
    took = story.synced(told["commit"])
    story.tell(f"Argo CD applies the merge, seen {took} s later")
    verifying = until(lambda: _soaking(story), "the checks hold, and have to for the soak")
    assert verifying["applied_by"] == "Application argocd/payments"
    assert verifying["merged_at"] <= verifying["synced_at"] <= verifying["passing_since"]
    assert not story.pods(BAD) and len(story.pods()) == REPLICAS
    story.tell(f"{REPLICAS} pods of the earlier version are ready; the gate verifies")
    told["soak"] = verifying["passing_since"]


def test_a_gate_that_is_killed_while_it_verifies_goes_on_where_it_was(story: Story) -> None:
    before = records(story)
    story.gate.killed()
    story.gate.start()
    found = story.proposal(told["id"])
    story.tell(f"the gate is killed and started again; the proposal is {found['status']}")
    assert found["status"] in ("verifying", "succeeded") and found["merge_commit"] == told["commit"]
    assert records(story)[: len(before)] == before


def test_an_api_server_that_goes_away_is_said_and_fails_nothing(story: Story) -> None:
    assert story.plane is not None
    with story.plane.api_server_stopped():
        until(lambda: unknown(story), "the gate says that it can't look", seconds=60)
        story.tell("the API server is gone, and readiness says so")
        assert story.proposal(told["id"])["status"] in ("verifying", "succeeded")
    until(lambda: not unknown(story), "the watches go on again", seconds=90)
    story.tell("the API server is back, and the watches go on")


def test_the_incident_is_resolved_once_and_nothing_was_done_twice(story: Story) -> None:
    done = until(lambda: _ended(story), "the gate says how it ended", seconds=180)
    story.tell(f"the proposal is {done['status']}: {done['note']}")
    assert done["status"] == "succeeded", done
    found = story.gate.ask("GET", f"/v1/incidents/{told['incident']}")
    story.tell(f"the incident is {found['status']}")
    assert found["status"] == "resolved"
    kinds = [kind for kind, _ in records(story)]
    assert [kinds.count(kind) for kind in ("merge", "status_change")] == [1, 1]
    assert len(story.gate.ask("GET", "/v1/proposals")) == 1
    assert len(story.place.ask("GET", "/pulls", state="all")) == 1
    assert str(story.place.tip()) == told["commit"]
    verified = story.gate.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    assert "Traceback" not in story.gate.log.read_text()


def records(story: Story) -> list[tuple[str, str]]:
    """Kind and digest of every record so far, as the gate exports them."""
    done = story.gate.run("audit", "export")
    assert done.returncode == 0, done.stderr
    return [(each["kind"], each["digest"]) for each in map(json.loads, done.stdout.splitlines())]


def unknown(story: Story) -> Any:
    """What readiness says that can't be read of the cluster."""
    return story.gate.ready()["details"].get("trouble: cluster")


def _soaking(story: Story) -> Any:
    found = story.proposal(told["id"])
    return found if found["passing_since"] else None


def _ended(story: Story) -> Any:
    found = story.proposal(told["id"])
    return found if found["status"] not in ("awaiting_approval", "merging", "verifying", "not_synced") else None
