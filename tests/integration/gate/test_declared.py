"""The cluster's own Applications count: where it says otherwise than Git, nothing is changed."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.core.change.model import FileEdit
from engine.usecases.look_for_drift import look_for_drift
from tests.conftest import RECORDING

HERE = "https://git.example.com/platform/gitops.git"
API = "Deployment/payments-api"


@pytest.fixture
def live(settings: Any, open_desk: Any, tmp_path: Path) -> Any:
    """A gate whose cluster has an Application ``payments``; what of it differs from Git is given."""

    def opened(*others: dict[str, Any], urls: str = "", **source: str) -> Any:
        folder = tmp_path / "cluster"
        shutil.copytree(RECORDING / "during", folder)
        items = [application("payments", "payments", **source), *others]
        (folder / "applications.json").write_text(json.dumps({"items": items}))
        return open_desk(replace(settings, snapshot=folder, repository_urls=urls))

    return opened


def application(name: str, namespace: str, **source: str) -> dict[str, Any]:
    declared = {"repoURL": HERE, "targetRevision": "main", "path": "apps/payments/overlays/production", **source}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"source": declared, "destination": {"name": "prod-eu", "namespace": namespace}},
    }


def test_what_the_controller_is_about_to_apply_is_no_drift(live: Any) -> None:
    desk = live()
    ports = desk.gate.ports
    head = ports.repository.head("main")
    waiting = "apps/payments/overlays/production"

    def looked(revision: str, phase: str = "Succeeded") -> Any:
        status = {"sync": {"status": "Synced", "revision": revision}, "operationState": {"phase": phase}}
        path = Path(desk.gate.settings.snapshot) / "applications.json"
        path.write_text(json.dumps({"items": [application("payments", "payments") | {"status": status}]}))
        seen = wiring.looking_at(desk.gate, path.parent).ports
        return look_for_drift(seen, now=desk.later(60))

    assert "is at 000000000000, and Git at" in looked("0" * 40).unknown[waiting]
    assert "is applying" in looked(head, "Running").unknown[waiting]
    assert waiting not in looked(head).unknown
    assert waiting not in looked("").unknown


def rollback(desk: Any) -> Any:
    return desk.propose("rollback_workload", API, params={"to_revision": "previous"})


def source(desk: Any) -> Any:
    return desk.records("input")[-1].body["facts"]["source"]


def test_a_cluster_that_says_the_same_as_git_changes_nothing(live: Any) -> None:
    desk = live()
    assert rollback(desk).status == "awaiting_approval"
    assert source(desk)["path"] == "apps/payments/overlays/production"


def test_a_cluster_that_makes_it_from_another_folder_is_ambiguous(live: Any) -> None:
    desk = live(path="apps/payments/overlays/staging")
    assert rollback(desk).status == "refused"
    assert source(desk)["status"] == "ambiguous" and desk.branches() == []


def test_a_second_application_of_the_same_folder_is_ambiguous(live: Any) -> None:
    desk = live(application("payments-again", "payments"))
    assert rollback(desk).status == "refused"
    assert source(desk)["status"] == "ambiguous" and desk.branches() == []


def test_which_of_several_repositories_this_one_is_has_to_be_said(live: Any) -> None:
    desk = live(application("elsewhere", "payments", repoURL="https://git.example.com/other/gitops"))
    assert rollback(desk).status == "refused"
    assert source(desk)["status"] == "ambiguous" and desk.branches() == []


def test_what_is_made_from_another_repository_isn_t_looked_for_here(live: Any) -> None:
    elsewhere = application("elsewhere", "payments", repoURL="https://git.example.com/other/gitops")
    desk = live(elsewhere, urls=f"{HERE} ssh://git@127.0.0.1/platform/gitops")
    assert rollback(desk).status == "awaiting_approval"


def test_a_repository_under_another_address_makes_nothing_here(live: Any) -> None:
    desk = live(urls="https://git.example.com/other/gitops")
    assert rollback(desk).status == "refused"
    assert source(desk)["status"] == "missing" and desk.branches() == []


def test_drift_knows_which_of_several_repositories_this_one_is(settings: Any, open_desk: Any) -> None:
    desk = open_desk(replace(settings, repository_urls=HERE))
    repository = desk.gate.ports.repository
    elsewhere = application("elsewhere", "payments", repoURL="https://git.example.com/other/gitops")
    edit = FileEdit("clusters/prod-eu/applications/elsewhere.yaml", None, json.dumps(elsewhere).encode())
    head = repository.head("main")
    commit = repository.commit(head, [edit], message="Add another", author="Sam Reed <sre@example.com>", at=desk.now)
    command = ["git", "-C", str(settings.repo), "update-ref", "refs/heads/main", commit, head]
    subprocess.run(command, check=True, timeout=60)
    assert look_for_drift(desk.gate.ports, now=desk.now).looked_at > 0
