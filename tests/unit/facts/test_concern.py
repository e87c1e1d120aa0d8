"""Whether an object is an incident's own, on the recorded cluster: what is lent, what isn't, and what isn't known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.kubernetes.snapshot import SnapshotCluster
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.concern import concerns_target
from engine.core.incident import Incident
from engine.core.proposal import TargetReference
from engine.core.signal import ObjectReference
from engine.usecases.observe_cluster import look

RECORDING = Path(__file__).parents[3] / "gitops" / "recordings" / "payments-crash-loop"


@pytest.fixture(scope="module")
def view() -> ClusterView:
    return look(SnapshotCluster(RECORDING / "during", "prod-eu"))


def incident(kind: str, name: str, *members: tuple[str, str], namespace: str = "payments") -> Incident:
    def reference(of: tuple[str, str]) -> ObjectReference:
        return ObjectReference("prod-eu", "" if of[0] in ("Node", "Namespace") else namespace, *of)

    at = "2026-11-14T03:12:00Z"
    return Incident(
        root=reference((kind, name)), reason="x", lane="", incident_class="", candidates=(), severity="critical",
        status="open", occurrences=1, first_seen=at, last_seen=at, exhibits=(), window=(),
        members=tuple(map(reference, members)), kinds=(),
    )  # fmt: skip


def target(kind: str, name: str, namespace: str = "payments", cluster: str = "prod-eu") -> TargetReference:
    place = "" if kind in ("Node", "Namespace") else namespace
    return TargetReference(cluster=cluster, namespace=place, kind=kind, name=name)


CRASH = incident("Deployment", "payments-api", ("Pod", "payments-api-7dc7fffb8f-4fn4r"))
STOREFRONT = incident("Deployment", "storefront", namespace="checkout")

OWN = [
    ("Deployment", "payments-api"),
    ("ReplicaSet", "payments-api-7dc7fffb8f"),
    ("Pod", "payments-api-7dc7fffb8f-6qcwh"),
    ("Service", "payments-api"),
    ("HorizontalPodAutoscaler", "payments-api"),
    ("PodDisruptionBudget", "payments-api"),
    ("NetworkPolicy", "payments-api"),
    ("ConfigMap", "payments-config"),
    ("Node", "prod-eu-a-2"),
]
FOREIGN = [
    ("Deployment", "ledger-worker"),
    ("StatefulSet", "payments-db"),
    ("CronJob", "settlement"),
    ("Pod", "ledger-worker-86f58d75d8-2ph6z"),
    ("Service", "payments-db"),
    ("NetworkPolicy", "payments-db"),
    ("PersistentVolumeClaim", "payments-db-data-payments-db-0"),
    ("ConfigMap", "another"),
    ("Node", "prod-eu-a-1"),
    ("Namespace", "payments"),
    ("ResourceQuota", "payments"),
]


@pytest.mark.parametrize(("kind", "name"), OWN)
def test_what_an_incident_s_workload_is_made_of_and_managed_by_is_its_own(
    view: ClusterView, kind: str, name: str
) -> None:
    assert concerns_target(CRASH, target(kind, name), view) is True


@pytest.mark.parametrize(("kind", "name"), FOREIGN)
def test_what_only_stands_beside_it_is_not(view: ClusterView, kind: str, name: str) -> None:
    assert concerns_target(CRASH, target(kind, name), view) is False


def test_what_its_workload_calls_is_its_own_and_not_the_other_way_round(view: ClusterView) -> None:
    assert concerns_target(STOREFRONT, target("Deployment", "payments-api"), view) is True
    assert concerns_target(STOREFRONT, target("Service", "payments-api"), view) is True
    assert concerns_target(CRASH, target("Deployment", "storefront", "checkout"), view) is False


def test_what_is_called_by_what_it_calls_is_further_away_than_it_reaches(view: ClusterView) -> None:
    assert concerns_target(STOREFRONT, target("StatefulSet", "cart-cache", "checkout"), view) is False


def test_the_same_name_elsewhere_is_another_object(view: ClusterView) -> None:
    assert concerns_target(CRASH, target("Deployment", "payments-api", "payments-staging"), view) is False
    assert concerns_target(CRASH, target("Deployment", "payments-api", cluster="prod-us"), view) is False


def test_an_incident_of_a_node_has_the_owners_of_its_members(view: ClusterView) -> None:
    sick = incident("Node", "prod-eu-a-2", ("Pod", "ledger-worker-86f58d75d8-2ph6z"))
    assert concerns_target(sick, target("Node", "prod-eu-a-2"), view) is True
    assert concerns_target(sick, target("Deployment", "ledger-worker"), view) is True
    assert concerns_target(sick, target("Deployment", "payments-api"), view) is False


@pytest.mark.parametrize("root", [("Namespace", "payments"), ("ResourceQuota", "payments")])
def test_an_incident_of_a_namespace_or_its_quota_is_one_of_all_in_it(view: ClusterView, root: tuple[str, str]) -> None:
    assert concerns_target(incident(*root), target("CronJob", "settlement"), view) is True
    assert concerns_target(incident(*root), target("Deployment", "cart", "checkout"), view) is False


@pytest.mark.parametrize("kind", ["Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"])
def test_an_incident_of_what_manages_a_workload_is_the_workload_s(view: ClusterView, kind: str) -> None:
    found = incident(kind, "payments-api")
    assert concerns_target(found, target("Deployment", "payments-api"), view) is True
    assert concerns_target(found, target("Deployment", "ledger-worker"), view) is False


def test_an_incident_of_a_volume_is_its_database_s(view: ClusterView) -> None:
    full = incident("PersistentVolumeClaim", "payments-db-data-payments-db-0")
    assert concerns_target(full, target("StatefulSet", "payments-db"), view) is True


@pytest.mark.parametrize(
    ("kind", "name"),
    [("RoleBinding", "payments"), ("Ingress", "shop"), ("HorizontalPodAutoscaler", "gone"), ("Service", "gone")],
)
def test_what_the_gate_can_t_relate_is_unknown(view: ClusterView, kind: str, name: str) -> None:
    assert concerns_target(CRASH, target(kind, name), view) is None


@pytest.mark.parametrize("kind", ["Pod", "Service", "ReplicaSet"])
def test_no_is_only_said_when_everything_was_looked_at(view: ClusterView, kind: str) -> None:
    kept = {name: found for name, found in view.objects.items() if name != kind}
    blind = replace(view, objects=kept, unreadable=frozenset({kind}))
    assert concerns_target(CRASH, target("Deployment", "ledger-worker"), blind) is None
    assert concerns_target(CRASH, target("Deployment", "payments-api"), blind) is True
