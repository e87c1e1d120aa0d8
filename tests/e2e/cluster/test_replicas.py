"""Two gates on one PostgreSQL, before a real cluster and forge: both answer, one leads, and nothing is done twice.

The tests are one story and run in this order. The gate that leads is killed between the approvals and the merge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.cluster.story import Story, beginning, crash, scan
from tests.e2e.lab import argocd
from tests.e2e.lab.control_plane import ControlPlane
from tests.e2e.lab.gate import ServedGate, serving, until
from tests.e2e.lab.gitea import binary
from tests.postgres import missing, running

told: dict[str, Any] = {}
# What the loser of a race is told: of the branch by the gate, of the pull request's number by Gitea, which answers 500.
LOST = ("lost_race", "forge_unreachable")


@dataclass
class Pair:
    """The story with its own gate, and another one on the same ledger."""

    story: Story
    gates: tuple[ServedGate, ServedGate]

    def leading(self) -> list[ServedGate]:
        """Whoever says that it leads."""
        alive = [gate for gate in self.gates if gate.process.poll() is None]
        return [gate for gate in alive if "another gate leads" not in gate.ready()["details"]["loop"]]


@pytest.fixture(scope="module")
def pair(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both; without a tool of the lab the tests are skipped, and say which."""
    gone, gitea = argocd.missing() or missing(), binary()
    if gone or gitea is None:
        pytest.skip(f"not on this machine: {gone or 'Gitea'}; gitops/lab/build-tools builds or unpacks them")
    folder, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    with running() as postgres:
        ledger = {"PENSTOCK_LEDGER": postgres.database(), "PENSTOCK_GATE_ALL_PULL_REQUESTS": "false"}
        with beginning(plane, gitea, folder, ledger) as story:
            kept = {name: value for name, value in story.gate.environment.items() if name.startswith("PENSTOCK_")}
            with serving({**kept, "PENSTOCK_STATE": str(other / "state")}, other) as second:
                yield Pair(story, (story.gate, second))


def target() -> dict[str, str]:
    return {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}


def proposed(gate: ServedGate, body: Any) -> Any:
    """What becomes of a proposal. Who loses the race to open it is told so, and asks again, as any client would."""

    def answer() -> Any:
        given = {"Authorization": f"Bearer {gate.tokens['agent:triage']}"}
        done = httpx.post(f"{gate.url}/v1/proposals", json=body, headers=given, timeout=60)
        assert done.is_success or done.json()["reason"] in LOST, done.text[:600]
        return done.json() if done.is_success else None

    return until(answer, "both are answered", seconds=60)


def crash_of(gate: ServedGate) -> Any:
    found = gate.ask("GET", "/v1/incidents")
    return next((each for each in found if each["incident_class"] == "crash-loop"), None)


def test_both_are_ready_and_one_leads(pair: Pair) -> None:
    assert all(gate.ready()["ready"] for gate in pair.gates)
    until(lambda: len(pair.leading()) == 1, "one of them leads")


def test_what_both_see_is_one_incident(pair: Pair, tmp_path: Any) -> None:
    plane = pair.story.plane
    assert plane is not None
    pair.story.release()
    plane.kubectl("rollout", "status", "deployment/payments-api", "-n", "payments", "--timeout=100s")
    scan(plane, [])
    crash(plane, tmp_path)
    found = [until(lambda g=gate: crash_of(g), "each gate knows of it") for gate in pair.gates]
    assert found[0]["id"] == found[1]["id"]
    told["incident"] = found[0]["id"]
    everywhere = pair.gates[1].ask("GET", "/v1/incidents")
    assert [each["id"] for each in everywhere if each["incident_class"] == "crash-loop"] == [told["incident"]]


def test_the_same_question_at_both_at_once_opens_one_pull_request(pair: Pair) -> None:
    evidence = pair.gates[0].ask("GET", f"/v1/incidents/{told['incident']}")["evidence"]
    place = {key: target()[key] for key in ("namespace", "kind", "name")}
    body = {
        "proposer": {"id": "agent:triage", "kind": "agent"},
        "action": {"kind": "rollback_workload", "target": target(), "params": {"to_revision": "previous"}},
        "incident": {**place, "reason": "CrashLoopBackOff"},
        "reason": "It crashes since the release",
        "evidence": [each["id"] for each in evidence][:4],
        "idempotency_key": "one-and-the-same",
    }
    with ThreadPoolExecutor(2) as at_once:
        answers = list(at_once.map(lambda gate: proposed(gate, body), pair.gates))
    assert len({each["id"] for each in answers}) == 1, answers
    made = until(lambda: _opened(pair, answers[0]["id"]), "it is opened")
    told.update(id=made["id"], number=made["pull_request"])
    assert len(pair.story.place.ask("GET", "/pulls", state="all")) == 1


def test_when_the_one_that_leads_is_killed_the_other_merges_once(pair: Pair) -> None:
    pair.story.review(told["number"], "alice")
    (leader,) = pair.leading()
    (other,) = (gate for gate in pair.gates if gate is not leader)
    leader.killed()
    pair.story.review(told["number"], "bob")
    until(lambda: pair.leading() == [other], "the other takes the lead", seconds=60)
    until(lambda: pair.story.pull(told["number"])["merged"], "the other merges", seconds=90)
    leader.start()
    until(lambda: leader.ready()["ready"], "it is back")
    assert pair.leading() == [other]
    told["other"] = other


def test_nothing_was_done_twice_and_the_record_holds(pair: Pair) -> None:
    ended = until(lambda: _ended(pair), "it is verified", seconds=240)
    assert ended["status"] == "succeeded", ended["note"]
    exported = told["other"].run("audit", "export")
    assert exported.returncode == 0, exported.stderr
    kinds = [json.loads(line)["kind"] for line in exported.stdout.splitlines()]
    assert [kinds.count(kind) for kind in ("merge", "status_change")] == [1, 1]
    assert len(pair.story.place.ask("GET", "/pulls", state="all")) == 1
    for gate in pair.gates:
        assert gate.run("audit", "verify").returncode == 0
        assert "Traceback" not in gate.log.read_text()


def _opened(pair: Pair, proposal: str) -> Any:
    found = pair.gates[0].ask("GET", f"/v1/proposals/{proposal}")
    return found if found["pull_request"] else None


def _ended(pair: Pair) -> Any:
    found = told["other"].ask("GET", f"/v1/proposals/{told['id']}")
    return found if found["status"] in ("succeeded", "failed", "closed", "rejected") else None
