"""The whole way on real components: a cluster, its GitOps repository on Gitea, Argo CD, and a gate that follows them.

Argo CD alone writes workloads. People release and approve on Gitea, KWOK plays what a kubelet would report.
"""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.forge import evening as forge
from tests.e2e.lab import argocd
from tests.e2e.lab.argocd import ArgoCD
from tests.e2e.lab.control_plane import LAB, ControlPlane
from tests.e2e.lab.gate import serving, until
from tests.e2e.lab.gitea import GiteaServer, running
from tests.e2e.lab.place import Place
from tests.e2e.lab.recording import recorded_now

BAD = "registry.example.com/payments/payments-api:2.9.0"
REPLICAS = 4
SOAK_SECONDS = 60
APPLICATIONS = ("checkout", "payments", "payments-staging", "platform")


@dataclass
class Story(forge.Evening):
    """An evening whose cluster is real."""

    plane: ControlPlane | None = None
    argo: ArgoCD | None = None

    def release(self) -> str:
        """Argo CD follows the branch from now on; the commit that it applies."""
        assert self.argo is not None
        commit = str(self.place.tip())
        for name in APPLICATIONS:
            self.argo.follow_branch(name)
        self.synced(commit)
        return commit

    def synced(self, commit: str) -> str:
        """How long Argo CD took until payments was at a commit, in seconds."""
        began = datetime.now(UTC)
        until(lambda: self._at(commit), f"Argo CD applies {commit[:12]}", seconds=120)
        return f"{(datetime.now(UTC) - began).total_seconds():.0f}"

    def _at(self, commit: str) -> bool:
        assert self.argo is not None
        found = self.argo.application("payments").get("status", {}).get("sync", {})
        return (found.get("status"), found.get("revision")) == ("Synced", commit)

    def pods(self, image: str = "") -> list[Any]:
        """Pods of payments-api, all or those of an image."""
        assert self.plane is not None
        found = self.plane.get("pods", "-n", "payments", "-l", "app.kubernetes.io/name=payments-api")["items"]
        return [pod for pod in found if image in ("", pod["spec"]["containers"][0]["image"])]


def lab(module: str) -> Any:
    """A module of gitops/lab, which runs as scripts from its own folder."""
    if str(LAB) not in sys.path:
        sys.path.insert(0, str(LAB))
    return importlib.import_module(module)


@contextmanager
def beginning(
    plane: ControlPlane,
    gitea: Path,
    folder: Path,
    more: Mapping[str, str] | None = None,
    invite: Callable[[Place], None] = lambda _: None,
) -> Iterator[Story]:
    """The night before the release, healthy, with the gate looking on; ``more`` are settings of its own.

    ``invite`` is given the repository before the gate begins.
    """
    with ExitStack() as held:
        (folder / "gitea").mkdir()
        server = held.enter_context(running(gitea, folder / "gitea"))
        _, history = recorded_now(folder)
        place = Place(server, "acme", "gitops")
        place.create({})
        forge._push(server, place, history)
        forge._protect(place)
        invite(place)
        argo = held.enter_context(argocd.running(plane, folder / "argocd"))
        _calm(argo, server, place, folder)
        settings = forge._settings(server, place, folder, folder)
        del settings["PENSTOCK_SNAPSHOT"]
        settings |= {
            "PENSTOCK_KUBECONFIG": str(plane.account("penstock", "penstock")),
            "PENSTOCK_POLL_SECONDS": "5",
            "PENSTOCK_RUNBOOKS": str(_impatient(folder)),
            **(more or {}),
        }
        gate = held.enter_context(serving(settings, folder))
        forge._hook(place, gate.url)
        yield Story(place, gate, folder, plane=plane, argo=argo)


def _calm(argo: ArgoCD, server: GiteaServer, place: Place, folder: Path) -> None:
    """Argo CD applies every workload as it was before the release; all ready, each image with its report."""
    plane = argo.plane
    calm = folder / "healthy.yaml"
    calm.write_text(lab("stages").as_file(lab("stages").healthy()))
    plane.play(calm)
    lab("lab").Lab(plane.state).install_reports()
    url, clusters = f"{server.url}/{place.path}.git", LAB.parent / "workloads" / "clusters" / "prod-eu"
    plane.kubectl("apply", "-f", str(clusters / "namespaces"))
    argo.follow(url, server.admin.login, server.admin.token)
    before = place.ask("GET", "/commits", sha="main", limit=2)[1]["sha"]
    for name in APPLICATIONS:
        declared = yaml.safe_load((clusters / "applications" / f"{name}.yaml").read_text())
        argo.apply_once(declared, url, before)
    until(lambda: plane.tried("get", "deployment/payments-api", "-n", "payments").returncode == 0, "Argo CD applies it")
    plane.kubectl("rollout", "status", "deployment/payments-api", "-n", "payments", "--timeout=100s")
    scan(plane, ["CVE-2025-22870"])


def _impatient(folder: Path) -> Path:
    """The shipped runbooks, with the shortest soak that a runbook may have."""
    runbooks = folder / "runbooks"
    shutil.copytree(LAB.parents[1] / "runbooks", runbooks)
    for own in runbooks.glob("*/runbook.yaml"):
        own.write_text(re.sub(r"soak_seconds: \d+", f"soak_seconds: {SOAK_SECONDS}", own.read_text()))
    return runbooks


def scan(plane: ControlPlane, identities: list[str]) -> None:
    """A report for each image of payments-api that has none yet."""
    for one in plane.get("replicasets", "-n", "payments", "-l", "app.kubernetes.io/name=payments-api")["items"]:
        report = lab("trivy").report(one, identities, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        plane.tried("create", "-f", "-", given=json.dumps(report))


def crash(plane: ControlPlane, folder: Path) -> None:
    """From now on the bad image crashes, after it was ready, as a kubelet would tell it."""
    stages = lab("stages")
    first, last = (f"{datetime.now(UTC) + timedelta(seconds=ahead):%Y-%m-%dT%H:%M:%SZ}" for ahead in (3, 6))
    bad = stages.crashing("crash", stages.Pods(BAD, "payments"), stages.Crash(), at=(first, last), fast=True)
    storm = folder / "crash.yaml"
    storm.write_text(stages.as_file([*stages.healthy(), *bad]))
    plane.play(storm)
