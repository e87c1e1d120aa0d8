"""The whole way on real components: a cluster, its GitOps repository on Gitea, and a gate that follows both.

Argo CD isn't here. Its stand-in, said so in the timeline, applies what the protected branch renders to; nothing else
in the story writes to a workload.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.forge import evening as forge
from tests.e2e.lab.control_plane import LAB, ControlPlane
from tests.e2e.lab.gate import serving
from tests.e2e.lab.gitea import GiteaServer, running
from tests.e2e.lab.place import Place
from tests.e2e.lab.recording import recorded_now

BAD = "registry.example.com/payments/payments-api:2.9.0"
MANAGER = "argocd-controller"
REPLICAS = 4


@dataclass
class Story(forge.Evening):
    """An evening whose cluster is real."""

    plane: ControlPlane | None = None
    server: GiteaServer | None = None

    def sync(self) -> str:
        """Apply what the protected branch renders to, as the GitOps controller would; its commit."""
        assert self.plane is not None and self.server is not None
        folder = self.plane.state / f"main-{len(self.timeline)}"
        address = f"{self.server.url}/{self.place.path}.git"
        header = f"http.extraHeader=Authorization: token {self.server.admin.token}"
        subprocess.run(["git", "-c", header, "clone", "-q", address, str(folder)], check=True, timeout=60)
        apply(self.plane, rendered(folder))
        return str(self.place.tip())

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


def rendered(folder: Path) -> str:
    """The objects of a checkout, as the lab's recordings apply them."""
    tree = object.__new__(lab("lab").Tree)
    tree.folder = folder
    return str(tree.rendered())


def apply(plane: ControlPlane, text: str) -> None:
    """Apply under the GitOps controller's name."""
    plane.kubectl("apply", "--field-manager", MANAGER, "-f", "-", given=text)


@contextmanager
def beginning(plane: ControlPlane, gitea: Path, folder: Path) -> Iterator[Story]:
    """The night before the release, healthy, with the gate looking on."""
    with ExitStack() as held:
        (folder / "gitea").mkdir()
        server = held.enter_context(running(gitea, folder / "gitea"))
        _, history = recorded_now(folder)
        place = Place(server, "acme", "gitops")
        place.create({})
        forge._push(server, place, history)
        forge._protect(place)
        _calm(plane, folder)
        settings = forge._settings(server, place, folder, folder)
        del settings["PENSTOCK_SNAPSHOT"]
        settings |= {
            "PENSTOCK_KUBECONFIG": str(plane.account("penstock", "penstock")),
            "PENSTOCK_POLL_SECONDS": "5",
        }
        gate = held.enter_context(serving(settings, folder))
        forge._hook(place, gate.url)
        yield Story(place, gate, folder, plane=plane, server=server)


def _calm(plane: ControlPlane, folder: Path) -> None:
    """Every workload as it was before the release, ready; each image with its report."""
    stages, made = lab("stages"), lab("lab")
    calm = folder / "healthy.yaml"
    calm.write_text(stages.as_file(stages.healthy()))
    plane.play(calm)
    made.Lab(plane.state).install_reports()
    tree = made.Tree(folder / "tree")
    for entry in yaml.safe_load((LAB.parent / "recordings/payments-crash-loop/history.yaml").read_text())[:-1]:
        tree.commit(entry)
    documents = [one for one in yaml.safe_load_all(tree.rendered()) if one]
    first = [one for one in documents if one["kind"] == "Namespace"]
    apply(plane, yaml.safe_dump_all(first))
    apply(plane, tree.rendered())
    plane.kubectl("rollout", "status", "deployment/payments-api", "-n", "payments", "--timeout=100s")
    scan(plane, ["CVE-2025-22870"])


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
