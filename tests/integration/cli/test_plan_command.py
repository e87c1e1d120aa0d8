"""``penstock plan`` as a pipeline calls it: no cluster at hand, decided, approved, checked, applied, and said to be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.entrypoints.cli.main import main
from tests.conftest import RECORDING

AT = ("--at", "2026-11-24T10:00:00Z")
OVERLAY = """
people: {alice: {teams: [team-payments], roles: []}}
terraform:
  workspaces: {shop: {environment: staging, criticality: standard, owner: team-payments}}
"""
Run = Callable[..., int]


@pytest.fixture
def penstock(tmp_path: Path, repository_template: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a plan that resizes a machine, against state 41; gives its exit code."""
    repo = tmp_path / "gitops.git"
    shutil.copytree(repository_template, repo)
    (tmp_path / "overlay.yaml").write_text(OVERLAY)
    change = {"actions": ["update"], "before": {}, "after": {}}
    resource = {"address": "aws_instance.web", "type": "aws_instance", "change": change}
    (tmp_path / "plan.json").write_text(json.dumps({"format_version": "1.2", "resource_changes": [resource]}))
    for serial in (40, 41, 42):
        (tmp_path / f"{serial}.json").write_text(json.dumps({"version": 4, "lineage": "0d7a", "serial": serial}))
    monkeypatch.chdir(tmp_path)
    for name, value in {"STATE": "state", "REPO": "gitops.git", "DATA": "overlay.yaml"}.items():
        monkeypatch.setenv(f"PENSTOCK_{name}", str(tmp_path / value))
    monkeypatch.delenv("PENSTOCK_SNAPSHOT", raising=False)
    return lambda *arguments: main(list(arguments))


def plan(command: str, serial: int, *more: str) -> tuple[str, ...]:
    workspace = () if command == "applied" else ("--workspace", "shop")
    return ("plan", command, "plan.json", "--state", f"{serial}.json", *workspace, *more)


def test_a_plan_goes_from_a_question_to_applied(penstock: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert penstock(*plan("decide", 41, *AT)) == 3
    assert penstock(*plan("check", 41)) == 1
    assert penstock(*plan("propose", 41, *AT)) == 3
    assert penstock(*plan("check", 41)) == 1
    proposal = capsys.readouterr().err.split("prop-")[1][:12]
    looking = ("--snapshot", str(RECORDING / "during"), "--at", "2026-11-24T10:05:00Z")
    assert penstock("proposals", "approve", f"prop-{proposal}", "--as", "alice", *looking) == 0
    assert penstock(*plan("check", 41)) == 0
    assert penstock(*plan("check", 42)) == 1
    assert penstock(*plan("applied", 41, *AT)) == 1
    assert penstock(*plan("applied", 42, *AT)) == 0
    assert penstock(*plan("applied", 42, *AT)) == 1
    assert "the state is at 42" in capsys.readouterr().out


def test_a_question_leaves_nothing_behind(penstock: Run, tmp_path: Path) -> None:
    before = sorted(path.name for path in (tmp_path / "gitops.git" / "refs").rglob("*"))
    assert penstock(*plan("decide", 41, *AT)) == 3
    assert sorted(path.name for path in (tmp_path / "gitops.git" / "refs").rglob("*")) == before
    assert not (tmp_path / "state" / "penstock.db").exists()


@pytest.mark.parametrize("broken", ["plan.json", "41.json"])
def test_a_file_that_can_t_be_read_is_a_usage_error(
    penstock: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    (tmp_path / broken).write_text('{"no": "such thing"}')
    assert penstock(*plan("propose", 41, *AT)) == 2
    assert broken in capsys.readouterr().err


def test_a_workspace_that_is_no_single_folder_is_a_usage_error(penstock: Run) -> None:
    assert penstock("plan", "decide", "plan.json", "--state", "41.json", "--workspace", "../main", *AT) == 2


def test_other_questions_still_need_a_cluster(penstock: Run, tmp_path: Path) -> None:
    (tmp_path / "proposal.json").write_text("{}")
    assert penstock("decide", "proposal.json") == 2
