"""The dry run on a real API server: what it refuses is told apart from what it couldn't be asked, and nothing stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from engine.adapters.kubernetes.api import connect
from engine.adapters.kubernetes.dry_run import ServerDryRun
from engine.core.errors import DryRunRefused, DryRunUntried
from tests.e2e.cluster.admission_attempts import obj, workload
from tests.e2e.lab.control_plane import ROOT, ControlPlane
from tests.e2e.lab.gate import until

MANIFEST = ROOT / "gitops" / "dry-run" / "dry-run.yaml"
HELD = "tests-hold-replicas-down"


def listed(*items: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)})


@pytest.fixture(scope="module")
def asked(plane: ControlPlane) -> Iterator[ServerDryRun]:
    """The shipped identity, with the shipped role and the policy that keeps it from writing."""
    plane.kubectl("apply", "-f", str(MANIFEST))
    plane.kubectl("create", "namespace", "trial")
    plane.kubectl("apply", "-f", "-", given=listed(here(workload(1)), quota()))
    account = plane.account("penstock", "penstock-dry-run")
    given = json.dumps(obj("ConfigMap", "kept", namespace="trial"))
    until(
        lambda: plane.tried("create", "-f", "-", given=given, kubeconfig=account).returncode != 0,
        "the policy holds what the role would allow",
    )
    plane.tried("delete", "cm", "kept", "-n", "trial")
    yield ServerDryRun(connect(str(account)))


def here(manifest: dict[str, Any]) -> dict[str, Any]:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": "trial"}}


def quota() -> dict[str, Any]:
    return obj("ResourceQuota", "few", namespace="trial", spec={"hard": {"count/configmaps": "1"}})


def state(plane: ControlPlane) -> list[tuple[str, str]]:
    found = plane.get("deployments,configmaps,resourcequotas", "-n", "trial")["items"]
    return sorted((o["kind"] + o["metadata"]["name"], json.dumps(o.get("spec"), sort_keys=True)) for o in found)


@contextmanager
def held(plane: ControlPlane, rule: dict[str, Any], validation: dict[str, str]) -> Iterator[None]:
    """Somebody else's admission policy, for the block."""
    group = "admissionregistration.k8s.io/v1"
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [validation]}
    policy = obj("ValidatingAdmissionPolicy", HELD, group, "", spec=spec)
    bound = {"policyName": HELD, "validationActions": ["Deny"]}
    binding = obj("ValidatingAdmissionPolicyBinding", HELD, group, "", spec=bound)
    plane.kubectl("apply", "-f", "-", given=listed(policy, binding))
    try:
        yield
    finally:
        plane.kubectl("delete", "validatingadmissionpolicybinding", HELD)
        plane.kubectl("delete", "validatingadmissionpolicy", HELD)


def refusal(ask: Callable[[], object]) -> str:
    """What the cluster says no with; empty where it doesn't."""
    try:
        ask()
    except DryRunRefused as error:
        return error.message
    return ""


def test_what_it_takes_is_answered_as_it_would_be_and_nothing_is_stored(
    plane: ControlPlane, asked: ServerDryRun
) -> None:
    before = state(plane)
    answer = asked.apply(here(workload(3)))
    assert answer["spec"]["replicas"] == 3
    assert answer["spec"]["revisionHistoryLimit"] == 10
    assert state(plane) == before


def test_a_quota_refuses_in_its_own_words(plane: ControlPlane, asked: ServerDryRun) -> None:
    wanted = {"status": {"hard": {"count/configmaps": "1"}}}
    until(lambda: wanted["status"]["hard"] == plane.get("quota", "few", "-n", "trial")["status"].get("hard"), "counted")
    with pytest.raises(DryRunRefused, match="exceeded quota: few"):
        asked.apply(obj("ConfigMap", "one-more", namespace="trial"))


def test_a_schema_refuses_in_its_own_words(asked: ServerDryRun) -> None:
    with pytest.raises(DryRunRefused, match="replicaz"):
        asked.apply(here(workload() | {"spec": {**workload()["spec"], "replicaz": 3}}))
    with pytest.raises(DryRunRefused, match="Invalid value"):
        asked.apply(here(workload(replicas=-1)))


def test_an_admission_policy_refuses_in_its_own_words(plane: ControlPlane, asked: ServerDryRun) -> None:
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["deployments"]}
    with held(plane, rule, {"expression": "object.spec.replicas <= 5", "message": "User says: at most five"}):
        until(lambda: "at most five" in refusal(lambda: asked.apply(here(workload(6)))), "the policy is in force")
        assert asked.apply(here(workload(5)))["spec"]["replicas"] == 5


def test_a_deletion_is_asked_about_and_a_policy_refuses_it_in_its_own_words(
    plane: ControlPlane, asked: ServerDryRun
) -> None:
    before = state(plane)
    asked.remove(here(workload()))
    asked.remove(obj("ConfigMap", "never-was", namespace="trial"))
    assert state(plane) == before
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["deployments"]}
    with held(plane, rule, {"expression": "oldObject == null", "message": "User says: it stays"}):
        until(lambda: "it stays" in refusal(lambda: asked.remove(here(workload()))), "the policy is in force")
    assert state(plane) == before


def test_a_kind_the_cluster_lacks_is_a_refusal(asked: ServerDryRun) -> None:
    with pytest.raises(DryRunRefused, match="the cluster has no Gizmo"):
        asked.apply(obj("Gizmo", "mine", "lab.example.com/v1", "trial"))


def test_what_the_role_doesnt_allow_couldnt_be_asked(asked: ServerDryRun) -> None:
    with pytest.raises(DryRunUntried, match="cannot patch resource"):
        asked.apply(obj("ServiceAccount", "mine", namespace="trial"))


def test_the_identity_can_write_nothing_although_its_role_would_let_it(
    plane: ControlPlane, asked: ServerDryRun
) -> None:
    account, before = plane.state / "penstock-penstock-dry-run.kubeconfig", state(plane)
    tries = [
        ("create", "-f", "-"),
        ("apply", "--server-side", "-f", "-"),
        ("patch", "deploy", "web", "-n", "trial", "--type=merge", "-p", '{"spec":{"replicas":9}}'),
        ("delete", "deploy", "web", "-n", "trial"),
        ("scale", "deploy/web", "--replicas=9", "-n", "trial"),
    ]
    said = [plane.tried(*t, given=json.dumps(here(workload(9))), kubeconfig=account) for t in tries]
    assert all(done.returncode != 0 for done in said)
    assert sum("only asks; it writes nothing" in done.stderr for done in said) >= 3
    assert state(plane) == before


def test_it_reads_no_secret_and_knows_who_changed_what(plane: ControlPlane, asked: ServerDryRun) -> None:
    plane.kubectl("create", "secret", "generic", "token", "-n", "trial", "--from-literal=a=b")
    with pytest.raises(DryRunUntried):
        asked.live(obj("Secret", "token", namespace="trial"))
    live = asked.live(here(workload()))
    assert live is not None
    assert {entry["manager"] for entry in live["metadata"]["managedFields"]} >= {"kubectl-client-side-apply"}
    assert asked.live(obj("ConfigMap", "absent", namespace="trial")) is None


def test_a_server_that_is_gone_couldnt_be_asked(plane: ControlPlane, asked: ServerDryRun) -> None:
    with plane.api_server_stopped(), pytest.raises(DryRunUntried):
        asked.apply(here(workload(2)))
    until(lambda: plane.tried("get", "ns").returncode == 0, "the API server is back")
