"""What is installed works from any folder, with everything it needs inside and nothing that it doesn't need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT

AT = "2026-11-14T03:18:00Z"
SHIPPED = ("policies", "runbooks", "gitops/workloads", "gitops/recordings", "gitops/agents")
Run = Callable[..., subprocess.CompletedProcess[str]]


def pip(*arguments: str) -> None:
    """Run pip, and show what it said when it fails."""
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", str(ROOT), "--no-build-isolation", "--wheel-dir", str(folder))
    (found,) = folder.glob("penstock-*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in the wheel, without those that every wheel has."""
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel was installed into, away from the tree."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", str(wheel), "--no-index", "--target", str(folder))
    return folder


@pytest.fixture
def penstock(installed: Path, tmp_path: Path) -> Run:
    """Runs the installed command in an empty folder; only its dependencies come from elsewhere."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(installed / "bin" / "penstock"), *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(installed), "PENSTOCK_STATE": str(tmp_path / "state")},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def in_tree(folder: str) -> set[str]:
    """The files of a folder of this tree, as paths from its root."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in found}


@pytest.mark.parametrize("folder", SHIPPED)
def test_policies_runbooks_workloads_and_recordings_are_inside_to_the_last_file(names: set[str], folder: str) -> None:
    wanted = {f"engine/_shipped/{name}" for name in in_tree(folder)}
    assert wanted
    assert wanted - names == set()


@pytest.mark.parametrize(
    "name",
    [
        "policies/capabilities.json",
        "policies/rego/.manifest",
        "policies/rego/gate/decision/decision.rego",
        "policies/rego/gate/data/rates/data.yaml",
        "policies/overlays/demo.yaml",
        "policies/checks/conventions/conventions.rego",
        "runbooks/crash-loop/runbook.yaml",
    ],
)
def test_what_a_decision_can_t_do_without_is_named_one_by_one(names: set[str], name: str) -> None:
    assert f"engine/_shipped/{name}" in names


def test_every_module_and_migration_is_inside(names: set[str]) -> None:
    modules = in_tree("engine")
    assert any("/migrations/versions/" in name for name in modules)
    assert modules - names == set()


def test_no_test_no_bench_and_no_script_of_the_lab_is_inside(names: set[str]) -> None:
    allowed = {f"engine/_shipped/{name}" for folder in SHIPPED for name in in_tree(folder)} | in_tree("engine")
    assert names - allowed == set()
    assert {name for name in names if name.startswith("engine/_shipped/") and name.endswith(".py")} == set()


def test_the_command_runs_what_was_installed_and_not_the_tree(installed: Path, penstock: Run) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import engine; print(engine.__file__)"],
        cwd=installed.parent,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(installed)
    done = penstock("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("penstock ")


def test_the_shipped_runbooks_hold_for_their_recorded_examples(penstock: Run) -> None:
    done = penstock("runbooks", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_recorded_incident_is_decided_from_an_empty_folder(
    installed: Path, penstock: Run, tmp_path: Path, repository_template: Path
) -> None:
    shipped = installed / "engine" / "_shipped"
    looking = ("--snapshot", str(shipped / "gitops/recordings/payments-crash-loop/during"), "--at", AT, "-o", "json")
    listed = penstock("incidents", "list", *looking)
    assert listed.returncode == 0, listed.stderr
    crash = next(i for i in json.loads(listed.stdout) if i["incident_class"] == "crash-loop")
    target = {key: crash["root"][key] for key in ("cluster", "namespace", "kind", "name")}
    named = {key: crash["root"][key] for key in ("namespace", "kind", "name")} | {"reason": crash["reason"]}
    proposal = {
        "proposer": {"id": "agent:triage", "kind": "agent"},
        "action": {"kind": "restart_workload", "target": target},
        "incident": named,
        "evidence": [piece["id"] for piece in crash["evidence"]][:4],
    }
    (tmp_path / "proposal.json").write_text(json.dumps(proposal))
    given = ("--repo", str(repository_template), "--data", str(shipped / "policies/overlays/demo.yaml"))
    done = penstock("decide", "proposal.json", *looking, *given)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["outcome"] == "allow"
