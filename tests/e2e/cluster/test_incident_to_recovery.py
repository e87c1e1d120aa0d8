"""A fault in a real cluster, and the way to its remedy in Git: incident, decision, pull request, approvals, merge.

The tests are one story and run in this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.cluster.story import BAD, REPLICAS, Story, beginning, crash, scan
from tests.e2e.lab.control_plane import ControlPlane
from tests.e2e.lab.gate import until
from tests.e2e.lab.gitea import binary

told: dict[str, Any] = {}


@pytest.fixture(scope="module")
def story(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The story; without Gitea's binary its tests are skipped, and say how it is obtained."""
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
    commit = story.sync()
    story.tell(f"the stand-in for Argo CD applies main at {commit[:12]}: payments-api 2.9.0")
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
    story.tell(
        f"the gate merges as {story.pull(told['number'])['merge_commit_sha'][:12]}; it wrote nothing to the cluster"
    )
    assert len(story.pods(BAD)) == REPLICAS
