"""The cluster is asked in a closed grammar, answers in lines within a bound, and what wasn't read is no "none"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engine.adapters.runbooks.folder import load_runbooks
from engine.core.brief import Brief, BriefIncident
from engine.core.cluster_answer import MOST, answer
from engine.core.cluster_query import cluster_question, git_question
from engine.core.errors import EvidenceUnavailable, NotFound
from engine.core.evidence_query import EvidenceQuery
from engine.core.facts.cluster_view import ASKED_KINDS, ClusterView
from engine.ports import Ports
from engine.usecases.answer_at_hand import answer_at_hand

RUNBOOKS = Path(__file__).parents[3] / "runbooks"


def made(name: str, namespace: str = "shop", **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, "creationTimestamp": "2026-11-14T03:00:00Z", **fields.pop("metadata", {})}
    return {"metadata": metadata | ({"namespace": namespace} if namespace else {}), **fields}


def owned(name: str, by: str, kind: str = "ReplicaSet", **fields: Any) -> dict[str, Any]:
    owner = {"kind": kind, "name": by, "controller": True}
    one = made(name, **fields)
    one["metadata"]["ownerReferences"] = [owner]
    return one


def rollout(name: str, number: int) -> dict[str, Any]:
    one = owned(
        name,
        "api",
        "Deployment",
        spec={"replicas": 2, "template": {"spec": {"containers": [{"image": f"api:{number}"}]}}},
    )
    one["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(number)}
    return one


def pod(name: str, by: str, node: str = "node-1", waiting: str = "", **fields: Any) -> dict[str, Any]:
    state = {"waiting": {"reason": waiting}} if waiting else {"running": {}}
    container = {"name": "api", "ready": not waiting, "restartCount": 7 if waiting else 0, "state": state}
    status = {"phase": "Running", "containerStatuses": [container]}
    volumes = [{"persistentVolumeClaim": {"claimName": "data"}}] if node == "node-2" else []
    return owned(name, by, spec={"nodeName": node, "volumes": volumes}, status=status, **fields)


def event(reason: str, about: str, at: str = "2026-11-14T03:10:00Z", kind: str = "Pod") -> dict[str, Any]:
    regarding = {"kind": kind, "name": about, "namespace": "shop"}
    return made(f"e-{about}-{reason}", reason=reason, message="it says so", lastTimestamp=at, involvedObject=regarding)


DOWN = {"type": "Ready", "status": "False", "reason": "KubeletDown"}
NOW = "2026-11-14T03:20:00Z"
VIEW = ClusterView(
    "prod-eu",
    {
        "Deployment": [made("api"), made("web")],
        "ReplicaSet": [rollout("api-old", 1), rollout("api-new", 2)],
        "Pod": [
            pod("api-old-1", "api-old"),
            pod("api-new-1", "api-new", waiting="CrashLoopBackOff"),
            pod("web-1", "web", node="node-2"),
            pod("other", "api-new", namespace="elsewhere"),
        ],
        "Event": [event("Failed", "api-new-1"), event("Pulled", "api-new-1"), event("Failed", "web-1"),
                  event("NotReady", "node-1", kind="Node"), event("Failed", "api-gone-1")],
        "Node": [made("node-1", "", status={"conditions": [DOWN]})],
        "Application": [made("shop", "argocd", status={
            "sync": {"status": "OutOfSync", "revision": "a" * 40}, "health": {"status": "Degraded"},
            "resources": [{"kind": "Deployment", "name": "api"}]})],
        "ConfigMap": [made("settings", data={"password": "hunter2"}, metadata={"managedFields": [
            {"manager": "kubectl-edit", "operation": "Update", "time": "2026-11-14T02:00:00Z"}]})],
    },
)  # fmt: skip


def names(text: str) -> set[str]:
    asked = cluster_question(text)
    assert asked is not None, text
    return {
        line.split(":")[0].split(" ")[1].split("/")[-1] for line in answer(VIEW, asked).splitlines() if line != "none"
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pods in shop owned by api", {"api-old-1", "api-new-1"}),
        ("pods in shop of the newest replicaset of api", {"api-new-1"}),
        ("pods on node-2", {"web-1"}),
        ("pods in shop with reason CrashLoopBackOff or Evicted", {"api-new-1"}),
        ("pods in shop that mount data", {"web-1"}),
        ("replicasets in shop owned by api", {"api-old", "api-new"}),
        ("replicasets in shop created since 2026-11-14T03:30:00Z", set()),
        ("applications that make api", {"shop"}),
        ("objects in shop named settings with managers", {"settings"}),
        ("pods in nowhere", set()),
    ],
)
def test_a_question_finds_what_its_clauses_name_and_nothing_else(text: str, expected: set[str]) -> None:
    assert names(text) == expected


def test_events_are_told_newest_first_with_what_they_are_about() -> None:
    asked = cluster_question("events in shop with reason Failed about pods of api")
    assert asked is not None
    said = answer(VIEW, asked).splitlines()
    assert [line.split("about ")[1] for line in said] == ["Pod api-new-1: it says so", "Pod api-gone-1: it says so"]
    node = cluster_question("nodes and events about node-1")
    assert node is not None
    told = answer(VIEW, node)
    assert "Ready=False (KubeletDown)" in told and "NotReady x1 about Node node-1" in told and "web-1" not in told


def test_lines_say_how_it_stands_and_nothing_that_may_be_secret() -> None:
    def said(text: str) -> str:
        asked = cluster_question(text)
        assert asked is not None
        return answer(VIEW, asked)

    assert "api waiting (CrashLoopBackOff), not ready, 7 restarts" in said("pods in shop owned by api")
    assert "rollout 2 made 2026-11-14T03:00:00Z: 0 of 2 ready, api:2" in said("replicasets in shop owned by api")
    assert "OutOfSync at aaaaaaaaaaaa, Degraded" in said("applications that make api")
    settings = said("objects in shop named settings with managers")
    assert "kubectl-edit by Update" in settings and "hunter2" not in settings
    assert "hunter2" not in said("objects in shop named settings")


FAILED = {"policy": "require-probes", "rule": "liveness", "result": "fail", "message": "no livenessProbe"}
WAITING = {"type": "Ready", "status": "False", "reason": "Pending"}
REPORTED = {
    "PolicyReport": [
        made("r-1", summary={"pass": 4, "fail": 1}, scope={"kind": "Deployment", "name": "api"},
             results=[FAILED, {"policy": "p", "rule": "r", "result": "pass", "message": "well"}]),
        made("r-2", summary={"pass": 5}, scope={"kind": "Deployment", "name": "web"}),
    ],
    "CertificateRequest": [owned("front-1", "front", "Certificate", status={"conditions": [WAITING]})],
    "Order": [owned("front-1-77", "front-1", "CertificateRequest", status={"state": "pending"})],
    "Challenge": [owned("front-1-77-0", "front-1-77", "Order", spec={"token": "t0ken", "key": "k3y"}, status={
        "state": "invalid", "reason": "Waiting for DNS-01 propagation of www.shop.example"})],
}  # fmt: skip


class Held:
    """A cluster that has these kinds and no others, and remembers which were asked for."""

    name = "prod-eu"

    def __init__(self, **kinds: Any) -> None:
        self.kinds, self.asked = kinds, list[str]()

    def get(self, kind: str, namespace: str, name: str) -> None:
        return None

    def all(self, kind: str, namespace: str | None = None) -> Any:
        self.asked.append(kind)
        if kind not in self.kinds:
            raise NotFound("the cluster has none", where=kind)
        return self.kinds[kind]


def asked_of(cluster: Held, runbook: str, root: str, view: ClusterView = VIEW) -> Any:
    """What the queries of a runbook are answered about an object, of a cluster whose facts were read already."""
    book = next(one for one in load_runbooks(RUNBOOKS) if one.id == runbook)
    kind, name = root.split("/")
    target = {"cluster": "prod-eu", "namespace": "shop", "kind": kind, "name": name}
    incident = BriefIncident.model_validate(
        dict.fromkeys(("id", "key", "incident_class", "severity", "status", "reason"), "x")
        | {"candidates": [], "occurrences": 1, "first_seen": NOW, "last_seen": NOW, "kinds": [], "members": []}
        | {"root": target}
    )
    brief = Brief(incident=incident, runbook=book, evidence=[], changes=[], flags=[], values={}, at=NOW)
    return answer_at_hand(Ports(policy=None, ledger=None, cluster=cluster, runbooks=None), view, brief)  # type: ignore[arg-type]


def test_reports_and_certificates_are_read_when_a_query_asks_and_tell_no_token() -> None:
    cluster = Held(**REPORTED)
    said = asked_of(cluster, "policy-violation", "Deployment/api")["results"]
    assert "Deployment api: 4 pass, 1 fail; require-probes/liveness: no livenessProbe" in said
    assert "r-2" not in said and said.endswith("of Report nothing is known here")
    told = asked_of(cluster, "certificate-expiring", "Certificate/front")["challenges"]
    assert "Ready=False (Pending)" in told and "front-1-77: pending" in told
    assert "invalid, Waiting for DNS-01 propagation" in told
    assert "t0ken" not in told and "k3y" not in told
    assert cluster.asked == ["PolicyReport", "Report", "CertificateRequest", "Order", "Challenge"]


def test_a_query_has_nothing_read_but_the_kinds_that_are_there_for_that() -> None:
    bare, blind = Held(), ClusterView("prod-eu", {}, frozenset({"Pod"}))
    silent = asked_of(bare, "certificate-expiring", "Certificate/front", blind)["challenges"]
    assert isinstance(silent, EvidenceUnavailable)
    assert "CertificateRequest or Order or Challenge" in silent.message
    assert all(
        isinstance(one, EvidenceUnavailable) for one in asked_of(bare, "crash-loop", "Deployment/api", blind).values()
    )
    assert set(bare.asked) <= set(ASKED_KINDS)


def test_what_was_not_read_has_no_answer() -> None:
    asked = cluster_question("certificaterequests, orders and challenges in shop of front")
    assert asked is not None and asked.kinds == ("CertificateRequest", "Order", "Challenge")
    with pytest.raises(EvidenceUnavailable, match="doesn't read CertificateRequest"):
        answer(VIEW, asked)
    blind = ClusterView("prod-eu", VIEW.objects, frozenset({"Pod"}))
    pods = cluster_question("pods in shop")
    assert pods is not None
    with pytest.raises(EvidenceUnavailable):
        answer(blind, pods)


def test_an_answer_is_bounded_and_says_what_it_left_out() -> None:
    many = ClusterView("prod-eu", {"Pod": [pod(f"p-{n}", "x") for n in range(MOST + 3)]})
    asked = cluster_question("pods in shop")
    assert asked is not None
    lines = answer(many, asked).splitlines()
    assert len(lines) == MOST + 1 and lines[-1] == "… and 3 more"


@pytest.mark.parametrize(
    "text",
    [
        "", "secrets in shop", "pods in shop; nodes", "pods in shop in other", "all pods in shop",
        "pods in shop owned by api or web", "pods in {{ namespace }}", "pods with managers in shop",
        "delete pods in shop",
    ],
)  # fmt: skip
def test_other_words_are_no_question(text: str) -> None:
    assert cluster_question(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "log",
        "log --since x",
        "log --since x -- ../etc",
        "log --since x -- a/../b",
        "log --since x -- a --all",
        "show HEAD",
    ],
)
def test_git_is_asked_for_one_path_and_span_alone(text: str) -> None:
    assert git_question(text) is None
    assert git_question("log --since 2026-11-14T00:00:00Z -- apps/shop") is not None


def test_a_runbook_with_other_words_is_refused_and_every_shipped_one_is_understood() -> None:
    with pytest.raises(ValidationError, match="isn't in the words that kubernetes is asked in"):
        EvidenceQuery(id="some_pods", title="Some pods", source="kubernetes", template="whatever you like")
    asked = [
        query for book in load_runbooks(RUNBOOKS) for query in book.evidence if query.source in ("kubernetes", "git")
    ]
    assert len(asked) > 30
