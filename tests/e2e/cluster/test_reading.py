"""The gate's ServiceAccount on a real API server: it reads what it needs, and can't read or write anything else."""

from __future__ import annotations

import json
from pathlib import Path
from time import monotonic

import pytest

from engine.adapters.kubernetes.api import connect
from engine.adapters.kubernetes.live import LiveCluster
from engine.adapters.kubernetes.resources import RESOURCES
from engine.adapters.kubernetes.token_review import AUDIENCE, TokenReviewer
from engine.core.errors import BadInput, ClusterUnreachable, KindUnreadable
from engine.core.facts.cluster_view import KINDS
from engine.usecases.observe_cluster import look
from tests.e2e.lab.control_plane import ControlPlane

WRITES = ("create", "update", "patch", "delete", "deletecollection")
NOT_INSTALLED = {
    kind for kind, resource in RESOURCES.items() if "." in resource.group and not resource.group.endswith(".k8s.io")
} | {"PolicyReport", "ClusterPolicyReport"}


@pytest.fixture(scope="module")
def account(plane: ControlPlane) -> Path:
    return plane.account("penstock", "penstock")


@pytest.fixture
def cluster(account: Path) -> LiveCluster:
    return LiveCluster(connect(str(account)), "lab", monotonic)


def allowed(plane: ControlPlane, account: Path, asked: list[tuple[str, str, str, str]]) -> list[tuple[str, ...]]:
    """Which of these (verb, group, resource, subresource) the API server would let the account do anywhere."""
    reviews = [
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {
                "resourceAttributes": {"verb": verb, "group": group, "resource": resource, "subresource": sub},
            },
        }
        for verb, group, resource, sub in asked
    ]
    given = json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews})
    form = "jsonpath={.status.allowed} "
    verdicts = plane.kubectl("create", "-f", "-", "-o", form, given=given, kubeconfig=account).split()
    assert len(verdicts) == len(asked)
    return [one for one, may in zip(asked, verdicts, strict=True) if may == "true"]


def test_it_reads_every_kind_that_the_cluster_has(cluster: LiveCluster) -> None:
    view = look(cluster)
    assert view.unreadable == NOT_INSTALLED & set(KINDS)
    assert {"default", "kube-system", "penstock"} <= {o["metadata"]["name"] for o in view.of("Namespace")}
    assert view.objects["Pod"] == []


def test_a_kind_the_cluster_lacks_is_unreadable_and_not_empty(cluster: LiveCluster) -> None:
    for kind in sorted(NOT_INSTALLED):
        with pytest.raises(KindUnreadable, match="has no"):
            cluster.all(kind)


def test_it_may_write_nothing(plane: ControlPlane, account: Path) -> None:
    asked = [(verb, r.group, r.plural, "") for r in RESOURCES.values() for verb in WRITES]
    below = [
        ("", "pods", sub) for sub in ("eviction", "exec", "attach", "portforward", "ephemeralcontainers", "status")
    ]
    below += [("apps", "deployments", "scale"), ("", "serviceaccounts", "token"), ("", "nodes", "proxy")]
    asked += [(verb, *place) for place in below for verb in WRITES]
    assert allowed(plane, account, asked) == []
    refused = plane.tried("create", "configmap", "theirs", "-n", "default", kubeconfig=account)
    assert refused.returncode != 0 and "Forbidden" in refused.stderr.title()
    assert plane.tried("get", "configmap", "theirs", "-n", "default").returncode != 0


def test_it_may_not_read_a_secret_nor_reach_into_a_pod(plane: ControlPlane, account: Path) -> None:
    plane.kubectl("create", "secret", "generic", "hidden", "-n", "default", "--from-literal=word=s3cret")
    reads = [(verb, "", "secrets", "") for verb in ("get", "list", "watch")]
    reads += [("get", "", "pods", sub) for sub in ("log", "exec", "attach", "portforward", "proxy")]
    assert allowed(plane, account, reads) == []
    assert allowed(plane, account, [("list", "", "pods", "")]) == [("list", "", "pods", "")]
    shown = plane.tried("get", "secret", "hidden", "-n", "default", "-o", "json", kubeconfig=account)
    assert shown.returncode != 0 and "s3cret" not in shown.stdout


def test_the_gate_itself_asks_for_no_secret(cluster: LiveCluster) -> None:
    with pytest.raises(KindUnreadable, match="not a kind that the gate reads"):
        cluster.all("Secret")
    with pytest.raises(KindUnreadable, match="not a kind that the gate reads"):
        cluster.get("Secret", "default", "hidden")


def test_pages_give_every_object_once(plane: ControlPlane, cluster: LiveCluster) -> None:
    items = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"page-{n}", "namespace": "default"}}
        for n in range(620)
    ]
    plane.kubectl("create", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    found = [o["metadata"]["name"] for o in cluster.all("ConfigMap", "default")]
    assert sorted(name for name in found if name.startswith("page-")) == sorted(i["metadata"]["name"] for i in items)


def test_uid_and_resource_version_are_those_of_the_api(plane: ControlPlane, cluster: LiveCluster) -> None:
    theirs = plane.get("namespace", "default")["metadata"]
    ours = cluster.get("Namespace", "", "default")
    assert ours is not None
    assert (ours["metadata"]["uid"], ours["metadata"]["resourceVersion"]) == (theirs["uid"], theirs["resourceVersion"])
    assert cluster.get("Namespace", "", "nowhere") is None


def test_a_role_taken_away_is_unreadable_and_not_empty(plane: ControlPlane) -> None:
    plane.kubectl("create", "serviceaccount", "nobody", "-n", "penstock")
    cluster = LiveCluster(connect(str(plane.account("penstock", "nobody"))), "lab", monotonic)
    with pytest.raises(KindUnreadable, match="403"):
        cluster.all("Pod")
    with pytest.raises(KindUnreadable, match="403"):
        cluster.get("Pod", "default", "any")


def test_a_server_that_nobody_vouches_for_isn_t_believed(plane: ControlPlane, tmp_path: Path) -> None:
    config = json.loads(plane.kubectl("config", "view", "--raw", "-o", "json"))
    config["clusters"][0]["cluster"].pop("certificate-authority")
    unproven = tmp_path / "unproven"
    unproven.write_text(json.dumps(config))
    with pytest.raises(ClusterUnreachable):
        LiveCluster(connect(str(unproven)), "lab", monotonic).all("Namespace")
    config["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    unproven.write_text(json.dumps(config))
    with pytest.raises(BadInput, match="isn't checked"):
        connect(str(unproven))


def test_it_may_ask_whose_a_token_is_and_believes_only_one_for_itself(plane: ControlPlane, account: Path) -> None:
    plane.kubectl("create", "serviceaccount", "triage", "-n", "default")

    def token(*more: str) -> str:
        return plane.kubectl("create", "token", "triage", "-n", "default", *more).strip()

    reviewer = TokenReviewer(connect(str(account)))
    assert reviewer(token("--audience", AUDIENCE)) == "default/triage"
    assert reviewer(token()) == ""
    assert reviewer("not.a.token") == ""
