"""Exit codes are a promise to scripts: 0 allowed, 1 denied, 2 usage, 3 needs approval, 4 could not decide."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DEMO_DATA, RECORDING, ROOT

AT = "2026-11-14T03:18:00Z"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def penstock(tmp_path: Path, repository_template: Path, penstock_command: list[str]) -> Run:
    """Runs the command as a process of its own, in an empty folder, with state of its own."""

    repo = tmp_path / "gitops.git"
    shutil.copytree(repository_template, repo)

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*penstock_command, *arguments],
            cwd=tmp_path,
            env={
                **os.environ,
                "PENSTOCK_STATE": str(tmp_path / "state"),
                "PENSTOCK_SNAPSHOT": str(RECORDING / "during"),
                "PENSTOCK_REPO": str(repo),
                "PENSTOCK_DATA": str(DEMO_DATA),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def crash(penstock_command: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The recorded incident, as the command lists it."""
    places = {"PENSTOCK_STATE": str(tmp_path_factory.mktemp("listed")), "PENSTOCK_SNAPSHOT": str(RECORDING / "during")}
    command = [*penstock_command, "incidents", "list", "--at", AT, "-o", "json"]
    listed = subprocess.run(command, env={**os.environ, **places}, capture_output=True, check=True).stdout
    found: dict[str, Any] = next(i for i in json.loads(listed) if i["incident_class"] == "crash-loop")
    return found


@pytest.fixture
def proposal(crash: dict[str, Any], tmp_path: Path) -> Callable[..., str]:
    """Writes a proposal that answers the recorded incident and cites its evidence; gives the file's name."""

    def write(kind: str, target: str = "Deployment/payments-api", **action: Any) -> str:
        target_kind, name = target.split("/")
        root = crash["root"]
        document = {
            "proposer": {"id": "agent:triage", "kind": "agent"},
            "action": {
                "kind": kind,
                "target": {"cluster": "prod-eu", "namespace": "payments", "kind": target_kind, "name": name},
                **action,
            },
            "incident": {
                "namespace": "payments", "kind": root["kind"], "name": root["name"], "reason": crash["reason"],
            },
            "evidence": [piece["id"] for piece in crash["evidence"]][:4],
        }  # fmt: skip
        (tmp_path / "proposal.json").write_text(json.dumps(document))
        return "proposal.json"

    return write


def decided(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The decision on stdout."""
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_0_when_it_is_allowed(penstock: Run, proposal: Callable[..., str]) -> None:
    done = penstock("decide", proposal("restart_workload"), "--at", AT, "-o", "json")
    assert done.returncode == 0, done.stderr
    assert decided(done)["outcome"] == "allow"
    assert decided(done)["tier"] == 1


def test_1_when_it_is_denied(penstock: Run, proposal: Callable[..., str]) -> None:
    name = proposal("delete_resource", "PersistentVolumeClaim/payments-db-data-payments-db-0")
    done = penstock("decide", name, "--at", AT, "-o", "json")
    assert done.returncode == 1, done.stderr
    assert "reversibility/data_loss" in {violation["rule"] for violation in decided(done)["violations"]}


def test_3_when_it_needs_approval(penstock: Run, proposal: Callable[..., str]) -> None:
    name = proposal("rollback_workload", params={"to_revision": "previous"})
    done = penstock("decide", name, "--at", AT, "-o", "json")
    assert done.returncode == 3, done.stderr
    assert [wanted["role"] for wanted in decided(done)["approvals"]["missing"]] == ["team:team-payments"]


def test_the_decision_has_every_field_that_is_promised(penstock: Run, proposal: Callable[..., str]) -> None:
    answer = decided(penstock("decide", proposal("restart_workload"), "--at", AT, "-o", "json"))
    promised = "decision_id outcome tier risk mode violations approvals obligations path_to_allow expires_at policy"
    assert set(answer) >= {*promised.split(), "input_digest", "action_digest"}
    assert set(answer["policy"]) == {"revision", "digest"}
    assert set(answer["approvals"]) == {"required", "satisfied", "missing"}


@pytest.mark.parametrize(
    ("evaluator", "reason"), [("server", "evaluator_unavailable"), ("referee", "evaluator_unavailable")]
)
def test_4_and_a_recorded_refusal_when_nobody_can_decide(
    penstock: Run, proposal: Callable[..., str], evaluator: str, reason: str
) -> None:
    nobody = {"PENSTOCK_EVALUATOR": evaluator, "PENSTOCK_OPA_URL": "http://127.0.0.1:9"}
    done = penstock("propose", proposal("restart_workload"), "--at", AT, **nobody)
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stdout == ""
    shown = json.loads(penstock("audit", "show", "--kind", "refusal", "-o", "json").stdout)
    assert [record["body"]["reason"] for record in shown] == [reason]
    assert json.loads(penstock("proposals", "list", "-o", "json").stdout) == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"proposer": {"id": "a", "kind": "agent"}}', "action"),
        ('{"a": 1, "a": 2}', "duplicate key"),
        ('{"confidence": NaN}', "not valid JSON"),
        ("", "not valid JSON"),
    ],
)
def test_2_with_one_line_that_names_the_file_and_the_field(
    penstock: Run, tmp_path: Path, text: str, field: str
) -> None:
    (tmp_path / "bad.json").write_text(text)
    done = penstock("propose", "bad.json")
    assert done.returncode == 2
    assert "bad.json" in done.stderr
    assert field in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["decide"], ["decide", "no-such-file.json"], ["decide", "--colour", "x"], ["proposals", "approve"]],
)
def test_2_for_what_can_t_be_understood(penstock: Run, arguments: list[str]) -> None:
    done = penstock(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("PENSTOCK_SNAPSHOT", "nowhere", "no such folder"),
        ("PENSTOCK_REPO", "nowhere", "nowhere"),
        ("PENSTOCK_RUNBOOKS", "nowhere", "no such folder"),
        ("PENSTOCK_POLICYS", "x", "is not a setting"),
    ],
)
def test_2_for_settings_that_lead_nowhere(penstock: Run, proposal: Any, variable: str, value: str, word: str) -> None:
    done = penstock("decide", proposal("restart_workload"), "--at", AT, **{variable: value})
    assert done.returncode == 2, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_frozen_gate_says_so_on_every_path(penstock: Run, proposal: Callable[..., str]) -> None:
    assert penstock("switch", "freeze", "--reason", "game day").returncode == 0
    done = penstock("decide", proposal("restart_workload"), "--at", AT, "-o", "json")
    assert done.returncode == 1
    assert "switch/frozen" in {violation["rule"] for violation in decided(done)["violations"]}


def test_propose_approve_and_verify_by_hand(penstock: Run, proposal: Callable[..., str], tmp_path: Path) -> None:
    own = _own_repository(tmp_path)
    name = proposal("rollback_workload", params={"to_revision": "previous"})
    done = penstock("propose", name, "--at", AT, PENSTOCK_REPO=own)
    assert done.returncode == 3, done.stderr
    waiting = json.loads(penstock("proposals", "list", "-o", "json").stdout)[0]
    assert waiting["status"] == "awaiting_approval"
    for person, code in (("alice", 3), ("bob", 0)):
        at = "2026-11-14T03:24:00Z"
        said = penstock("proposals", "approve", waiting["id"], "--as", person, "--at", at, PENSTOCK_REPO=own)
        assert said.returncode == code, said.stderr
    assert json.loads(penstock("proposals", "show", waiting["id"], "-o", "json").stdout)["status"] == "verifying"
    assert penstock("audit", "verify", PENSTOCK_REPO=own).returncode == 0


def _own_repository(tmp_path: Path) -> str:
    from engine.adapters.git.history_file import make_repository, read_steps

    path = tmp_path / "own.git"
    make_repository(path, ROOT / "gitops" / "workloads", read_steps(RECORDING / "history.yaml"))
    return str(path)
