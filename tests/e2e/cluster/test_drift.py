"""Drift on a real API server: its own account of who changed what, what it fills in, and nothing stored by looking."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from engine.adapters.kubernetes.api import connect
from engine.adapters.kubernetes.dry_run import ServerDryRun
from engine.adapters.kubernetes.live import LiveCluster
from engine.core.drift.difference import differences_of
from engine.core.signal import ObjectReference
from engine.ports import Ports
from engine.usecases.look_for_drift import Look, look_for_drift
from tests.conftest import ROOT
from tests.e2e.cluster.admission_attempts import obj, workload
from tests.e2e.lab.control_plane import ControlPlane
from tests.fakes.git import MemoryRepository
from tests.fakes.renderer import PlainRenderer

SHIPPED = yaml.safe_load((ROOT / "policies" / "rego" / "gate" / "data" / "drift" / "data.yaml").read_text())
GITOPS = "kustomize-controller"


def here(manifest: dict[str, Any]) -> dict[str, Any]:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": "drifting"}}


def declared() -> list[dict[str, Any]]:
    """What Git says, with a quantity that the server spells otherwise and a Secret that nobody looks at."""
    deployment = here(workload(2))
    deployment["spec"]["template"]["spec"]["containers"][0]["resources"] = {
        "limits": {"memory": "1024Mi", "cpu": "0.5"}
    }
    settings = obj("ConfigMap", "settings", namespace="drifting", data={"a": "1"})
    return [deployment, settings, obj("Secret", "hidden", namespace="drifting", stringData={"a": "b"})]


def application() -> dict[str, Any]:
    source = {"repoURL": "https://git.example.com/acme/gitops.git", "path": "apps", "targetRevision": "main"}
    spec = {"destination": {"name": "lab", "namespace": "drifting"}, "source": source, "project": "default"}
    return obj("Application", "shop", "argoproj.io/v1alpha1", "argocd", spec=spec)


class Data:
    """The shipped data, and no evaluator: looking decides nothing."""

    def data(self, topic: str) -> dict[str, Any]:
        return dict(SHIPPED) if topic == "drift" else {}


@pytest.fixture(scope="module")
def ports(plane: ControlPlane) -> Ports:
    plane.kubectl("apply", "-f", str(ROOT / "gitops" / "dry-run" / "dry-run.yaml"))
    plane.kubectl("create", "namespace", "drifting")
    text = yaml.safe_dump_all(declared())
    plane.kubectl("apply", "--server-side", "--field-manager", GITOPS, "-f", "-", given=text)
    files = {"apps/all.yaml": text, "clusters/lab/shop.yaml": yaml.safe_dump(application())}
    dry_run = ServerDryRun(connect(str(plane.account("penstock", "penstock-dry-run"))))
    cluster = LiveCluster(connect(str(plane.account("penstock", "penstock"))), "lab", lambda: 0.0)
    repository = MemoryRepository(files)
    return Ports(Data(), None, cluster, None, repository, PlainRenderer(), dry_run=dry_run)  # type: ignore[arg-type]


def looked(ports: Ports) -> Look:
    return look_for_drift(ports, now="2026-11-21T10:00:00Z")


def test_as_git_says_is_no_drift_whatever_the_server_filled_in_or_spelt_otherwise(ports: Ports) -> None:
    look = looked(ports)
    assert look.drifts == []
    assert look.unknown == {}
    assert {about.kind for about in look.clean} == {"Deployment", "ConfigMap"}
    assert look.dry_runs == 2


def test_what_somebody_changed_is_named_with_who_and_when(plane: ControlPlane, ports: Ports) -> None:
    before = plane.get("deploy", "web", "-n", "drifting")["metadata"]["resourceVersion"]
    plane.kubectl("scale", "deploy/web", "--replicas=5", "-n", "drifting")
    plane.kubectl("patch", "cm", "settings", "-n", "drifting", "--type=merge", "-p", '{"data":{"a":"2","more":"x"}}')
    found = {drift.about.kind: drift.judged.drifted for drift in looked(ports).drifts}
    [replicas], [data] = found["Deployment"], found["ConfigMap"]
    assert (replicas.path, replicas.live, replicas.git) == ("spec.replicas", 5, 2)
    assert (data.path, data.live, data.git) == ("data.a", "2", "1")
    assert replicas.holder is not None
    assert data.holder is not None
    assert "kubectl" in replicas.holder.manager
    assert data.holder.manager == "kubectl-patch"
    assert data.holder.at
    after = plane.get("deploy", "web", "-n", "drifting")
    assert after["metadata"]["resourceVersion"] != before
    assert after["spec"]["replicas"] == 5


def test_a_field_that_git_no_longer_declares_is_drift_of_what_the_controller_applied(
    plane: ControlPlane, ports: Ports
) -> None:
    assert ports.dry_run is not None
    without = obj("ConfigMap", "settings", namespace="drifting", data={"b": "1"})
    live = ports.dry_run.live(without)
    applied = ports.dry_run.apply(without, GITOPS)
    assert live is not None
    assert {one.path for one in differences_of(without, live, applied)} >= {"data.b"}


def test_an_object_that_somebody_deleted_is_drift(plane: ControlPlane, ports: Ports) -> None:
    plane.kubectl("delete", "cm", "settings", "-n", "drifting")
    missing = [drift.about for drift in looked(ports).drifts if drift.about.kind == "ConfigMap"]
    assert missing == [ObjectReference("lab", "drifting", "ConfigMap", "settings")]


def test_looking_stores_nothing(plane: ControlPlane, ports: Ports) -> None:
    def versions() -> list[str]:
        items = plane.get("deploy,cm,secret", "-n", "drifting")["items"]
        return sorted(o["metadata"]["name"] + o["metadata"]["resourceVersion"] for o in items)

    before = versions()
    looked(ports)
    assert versions() == before
