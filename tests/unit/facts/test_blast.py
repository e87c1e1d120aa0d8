"""Blast radius on the recorded cluster, and on what can't be known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.kubernetes.snapshot import SnapshotCluster
from engine.core.facts.blast import blast_facts
from engine.core.facts.cluster_view import ClusterView
from engine.core.input_document import BlastFacts, ScaleFacts
from engine.core.proposal import ActionRequest
from engine.usecases.observe_cluster import look

RECORDING = Path(__file__).parents[3] / "gitops" / "recordings" / "payments-crash-loop"
NO_SCALE = ScaleFacts(before=None, after=None)


@pytest.fixture(scope="module")
def view() -> ClusterView:
    return look(SnapshotCluster(RECORDING / "during", "prod-eu"))


def action(kind: str, target_kind: str, name: str, namespace: str = "payments", **params: Any) -> ActionRequest:
    target = {"cluster": "prod-eu", "namespace": namespace, "kind": target_kind, "name": name}
    return ActionRequest.model_validate({"kind": kind, "target": target, "params": params})


def restart(view: ClusterView, disruption: str = "rolling") -> BlastFacts:
    return blast_facts(view, action("restart_workload", "Deployment", "payments-api"), disruption, NO_SCALE)


def without(view: ClusterView, kind: str) -> ClusterView:
    kept = {name: found for name, found in view.objects.items() if name != kind}
    return replace(view, objects=kept, unreadable=frozenset({kind}))


def test_a_rolling_restart_is_felt_by_every_pod_of_the_deployment(view: ClusterView) -> None:
    facts = restart(view)
    assert (facts.pods, facts.workloads, facts.namespaces, facts.unknown) == (4, 1, 1, [])


def test_who_calls_the_target_s_service_is_a_dependent(view: ClusterView) -> None:
    assert restart(view).dependents == 1


def test_a_rolling_restart_that_keeps_enough_pods_respects_the_budget(view: ClusterView) -> None:
    assert restart(view).disruption_budget == "respected"


def test_deleting_every_pod_violates_the_budget(view: ClusterView) -> None:
    assert restart(view, "all").disruption_budget == "violated"


def test_scaling_below_the_budget_violates_it(view: ClusterView) -> None:
    scale = action("scale_workload", "Deployment", "payments-api", replicas=1)
    facts = blast_facts(view, scale, "rolling", ScaleFacts(before=4, after=1))
    assert facts.disruption_budget == "violated"


def test_scaling_what_an_autoscaler_owns_is_a_conflict(view: ClusterView) -> None:
    scale = action("scale_workload", "Deployment", "payments-api", replicas=6)
    assert blast_facts(view, scale, "none", ScaleFacts(before=4, after=6)).autoscaler == "conflict"


def test_draining_a_node_is_felt_by_everything_on_it(view: ClusterView) -> None:
    pod = next(iter(view.of("Pod", "payments")))
    drain = action("drain_node", "Node", pod["spec"]["nodeName"], namespace="")
    facts = blast_facts(view, drain, "node", NO_SCALE)
    assert facts.pods == sum(1 for p in view.of("Pod") if p["spec"]["nodeName"] == pod["spec"]["nodeName"])
    assert facts.namespaces > 1


@pytest.mark.parametrize("kind", ["Pod", "ReplicaSet"])
def test_pods_that_can_t_be_read_are_unknown_and_not_none(view: ClusterView, kind: str) -> None:
    assert "pods" in restart(without(view, kind)).unknown


def test_budgets_and_autoscalers_that_can_t_be_read_are_unknown(view: ClusterView) -> None:
    assert restart(without(view, "PodDisruptionBudget")).disruption_budget == "unknown"
    assert restart(without(view, "HorizontalPodAutoscaler")).autoscaler == "unknown"


def test_services_that_can_t_be_read_leave_dependents_unknown(view: ClusterView) -> None:
    assert "dependents" in restart(without(view, "Service")).unknown


def test_a_target_that_isn_t_there_is_unknown(view: ClusterView) -> None:
    invented = action("restart_workload", "Deployment", "payments-apj")
    assert "target" in blast_facts(view, invented, "rolling", NO_SCALE).unknown


def test_a_kind_nobody_can_reckon_with_is_unknown(view: ClusterView) -> None:
    strange = action("restart_workload", "Blimp", "one")
    assert "pods" in blast_facts(view, strange, "unknown", NO_SCALE).unknown
