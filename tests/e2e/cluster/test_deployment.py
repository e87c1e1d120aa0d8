"""The overlays that deploy Penstock, built by Kustomize and taken by a real API server, pods and all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.settings import read_settings
from engine.wiring import obtain_tool
from tests.conftest import ROOT
from tests.e2e.lab.control_plane import ControlPlane
from tests.e2e.lab.gate import until

OVERLAYS = ("argocd", "flux")
FOREIGN = {
    ("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors"),
    ("cert-manager.io", "v1", "Certificate", "certificates"),
    ("cert-manager.io", "v1", "Issuer", "issuers"),
    ("argoproj.io", "v1alpha1", "Application", "applications"),
    ("source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories"),
    ("kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations"),
}
KEPT = ("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding")


def built(overlay: str) -> list[dict[str, Any]]:
    """What Kustomize makes of an overlay."""
    kustomize = obtain_tool(read_settings(), "kustomize")
    command = [str(kustomize), "build", str(ROOT / "gitops" / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return list(yaml.safe_load_all(done.stdout))


def listed(items: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def crd(group: str, version: str, kind: str, plural: str) -> dict[str, Any]:
    """A definition that takes anything of this kind: the vendors' own ones aren't ours to keep."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
        "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
    }
    kind, metadata = "CustomResourceDefinition", {"name": f"{plural}.{group}"}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


@pytest.fixture(scope="module")
def foreign(plane: ControlPlane) -> None:
    plane.kubectl("apply", "-f", "-", given=listed([crd(*one) for one in sorted(FOREIGN)]))
    names = [f"crd/{plural}.{group}" for group, _, _, plural in sorted(FOREIGN)]
    plane.kubectl("wait", "--for=condition=Established", *names, "--timeout=60s")
    for namespace in ("argocd", "flux-system"):
        plane.tried("create", "namespace", namespace)


@pytest.fixture
def applied(plane: ControlPlane, foreign: None) -> Iterator[list[dict[str, Any]]]:
    """An overlay as the API server took it; what would hold other tests is taken away again."""
    items = built("argocd")
    passing = listed([item for item in items if item["kind"] not in KEPT])
    plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", given=listed(items))
    try:
        yield items
    finally:
        plane.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", "-", given=passing)


def test_the_api_server_takes_all_of_it_and_makes_two_pods(plane: ControlPlane, applied: list[dict[str, Any]]) -> None:
    selecting = ("pods", "-n", "penstock", "-l", "app.kubernetes.io/name=penstock")
    until(lambda: len(standing(plane.get(*selecting)["items"])) == 2, "two pods pass the namespace's pod security")
    kinds = {item["kind"] for item in applied}
    wanted = {"Deployment", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "Certificate"}
    wanted |= {"ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
    assert wanted <= kinds
    for pod in standing(plane.get(*selecting)["items"]):
        assert [one["name"] for one in pod["spec"]["containers"]] == ["gate", "opa"]


def standing(pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pods that aren't going away: here nobody runs them, so nobody confirms that they have ended."""
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]


def test_the_other_overlay_is_taken_as_well(plane: ControlPlane, foreign: None) -> None:
    items = built("flux")
    taken = plane.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", given=listed(items))
    assert len(taken.splitlines()) == len(items)


@pytest.mark.parametrize("file", ["argocd/application.yaml", "flux/flux.yaml"])
def test_what_delivers_it_is_taken_too(plane: ControlPlane, foreign: None, file: str) -> None:
    path = ROOT / "gitops" / "overlays" / file
    plane.kubectl("apply", "--dry-run=server", "-f", str(path))
    described = list(yaml.safe_load_all(path.read_text()))
    paths = [one["spec"]["source"]["path"] for one in described if one["kind"] == "Application"]
    paths += [one["spec"]["path"] for one in described if one["kind"] == "Kustomization"]
    assert paths
    assert all((ROOT / Path(path) / "kustomization.yaml").is_file() for path in paths)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_is_one_that_the_gate_knows(overlay: str) -> None:
    (deployment,) = (item for item in built(overlay) if item["kind"] == "Deployment")
    gate = next(one for one in deployment["spec"]["template"]["spec"]["containers"] if one["name"] == "gate")
    names = {one["name"]: str(one.get("value", "sqlite:////tmp/x.db")) for one in gate["env"]}
    settings = read_settings(names)
    assert (settings.host, settings.kubeconfig, settings.evaluator) == ("0.0.0.0", "in-cluster", "referee")
    assert settings.admission_cert is not None


def test_the_webhook_asks_the_service_that_leads_to_the_gate() -> None:
    items = {(item["kind"], item["metadata"]["name"]): item for item in built("flux")}
    config = items["ValidatingWebhookConfiguration", "penstock"]
    asked = config["webhooks"][0]["clientConfig"]["service"]
    service = items["Service", asked["name"]]
    assert service["metadata"]["namespace"] == asked["namespace"]
    assert [port["port"] for port in service["spec"]["ports"]] == [asked["port"]]
    namespace, name = config["metadata"]["annotations"]["cert-manager.io/inject-ca-from"].split("/")
    certificate = items["Certificate", name]
    assert f"{asked['name']}.{namespace}.svc" in certificate["spec"]["dnsNames"]
