"""Objects that say less than usual make facts that say so, and never a traceback."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.kubernetes.snapshot import SnapshotCluster
from engine.core.facts.blast import affected_pods, blast_facts
from engine.core.facts.cluster_view import KINDS, ClusterView
from engine.core.facts.image import image_facts
from engine.core.facts.recent import recent_facts
from engine.core.facts.target import target_facts
from engine.core.input_document import ScaleFacts
from engine.core.proposal import ActionRequest, TargetReference
from engine.core.runbook import VerificationCheck
from engine.core.verification import Watched, verify_checks
from engine.usecases.observe_cluster import look

RECORDING = Path(__file__).parents[3] / "gitops" / "recordings" / "payments-crash-loop"
NOW = "2026-11-14T03:30:00Z"
NO_SCALE = ScaleFacts(before=None, after=None)
TARGETS = [
    ("Deployment", "payments-api"),
    ("Service", "payments-api"),
    ("HorizontalPodAutoscaler", "payments-api"),
    ("ConfigMap", "payments-api"),
    ("Node", "node-1"),
    ("Namespace", "payments"),
    ("NetworkPolicy", "payments-api"),
    ("PersistentVolume", "pv-1"),
]
CHECKS = ("pods_ready", "restarts_stable", "rollout_complete", "node_ready", "job_succeeded", "alert_cleared")


@pytest.fixture(scope="module")
def view() -> ClusterView:
    return look(SnapshotCluster(RECORDING / "during", "prod-eu"))


def made(view: ClusterView, change: Any) -> ClusterView:
    objects = {kind: [copy.deepcopy(obj) for obj in found] for kind, found in view.objects.items()}
    for found in objects.values():
        for obj in found:
            change(obj)
    return replace(view, objects=objects)


def drop(*fields: str) -> Any:
    def change(obj: dict[str, Any]) -> None:
        for field in fields:
            obj.pop(field, None)

    return change


def empty(*fields: str) -> Any:
    def change(obj: dict[str, Any]) -> None:
        obj.update(dict.fromkeys(fields))

    return change


def hollow(obj: dict[str, Any]) -> None:
    for field in ("spec", "status", "metadata"):
        keep = ("name", "namespace")
        obj[field] = {k: v if k in keep else None for k, v in (obj.get(field) or {}).items()}


def bare(obj: dict[str, Any]) -> None:
    obj["metadata"] = {"name": obj["metadata"]["name"]}


def derive(view: ClusterView, kind: str, name: str) -> None:
    namespace = "" if kind in ("Node", "Namespace", "PersistentVolume") else "payments"
    target = TargetReference(cluster="prod-eu", namespace=namespace, kind=kind, name=name)
    live = view.get(kind, namespace, name)
    target_facts(view, target, managed_by_git=True)
    recent_facts(view, target, [], NOW)
    image_facts(view, target, live, {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b:1"}]}}}})
    affected_pods(view, target)
    for word in ("none", "rolling", "all", "node", "unknown"):
        blast_facts(view, ActionRequest(kind="restart_workload", target=target), word, NO_SCALE)
    wanted = [VerificationCheck(id=check) for check in CHECKS]  # type: ignore[arg-type]
    wanted.append(VerificationCheck(id="no_new_events", reason="BackOff"))
    verify_checks(wanted, Watched(view, target, NOW))


@pytest.mark.parametrize(("kind", "name"), TARGETS)
@pytest.mark.parametrize(
    "change",
    [drop("spec"), drop("status"), drop("spec", "status", "report"), empty("spec", "status", "report"), hollow, bare],
    ids=["no spec", "no status", "neither", "null", "hollow", "bare metadata"],
)
def test_an_odd_object_is_no_traceback(view: ClusterView, change: Any, kind: str, name: str) -> None:
    derive(made(view, change), kind, name)


@pytest.mark.parametrize("missing", KINDS)
def test_a_missing_dump_is_no_traceback(view: ClusterView, missing: str) -> None:
    kept = {kind: found for kind, found in view.objects.items() if kind != missing}
    derive(replace(view, objects=kept, unreadable=frozenset({missing})), "Deployment", "payments-api")


def budget(view: ClusterView, allowed: Any) -> str:
    def change(obj: dict[str, Any]) -> None:
        if obj["kind"] == "Deployment" and obj["metadata"]["name"] == "payments-api":
            obj["spec"]["strategy"] = {"rollingUpdate": {"maxUnavailable": allowed}}

    target = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")
    action = ActionRequest(kind="restart_workload", target=target)
    return blast_facts(made(view, change), action, "rolling", NO_SCALE).disruption_budget


@pytest.mark.parametrize("allowed", ["half", "%", "", "-10%", "1.5%", "3", [], {}])
def test_a_share_that_can_t_be_read_is_unknown(view: ClusterView, allowed: Any) -> None:
    assert budget(view, allowed) == "unknown"


@pytest.mark.parametrize("allowed", ["100%", "250%", 4, 99])
def test_a_rollout_that_may_take_all_pods_down_violates_the_budget(view: ClusterView, allowed: Any) -> None:
    assert budget(view, allowed) == "violated"


def test_an_event_without_a_time_may_be_new(view: ClusterView) -> None:
    def timeless(obj: dict[str, Any]) -> None:
        if obj["kind"] == "Event":
            obj.update(lastTimestamp=None, eventTime=None)
            obj["metadata"].pop("creationTimestamp", None)

    target = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")
    check = VerificationCheck(id="no_new_events", reason="BackOff")
    [result] = verify_checks([check], Watched(made(view, timeless), target, "2026-11-14T23:00:00Z"))
    assert not result.holds


def test_a_rollout_of_unknown_age_is_history_that_isn_t_known(view: ClusterView) -> None:
    def ageless(obj: dict[str, Any]) -> None:
        if obj["kind"] == "ReplicaSet":
            obj["metadata"].pop("creationTimestamp", None)

    target = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")
    assert recent_facts(view, target, [], NOW).known
    assert not recent_facts(made(view, ageless), target, [], NOW).known
