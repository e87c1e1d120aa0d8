"""Facts about the target come from its namespace and the API, never from the target's own word."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.kubernetes.snapshot import SnapshotCluster
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.image import image_facts, registry
from engine.core.facts.recent import recent_facts
from engine.core.facts.target import target_facts
from engine.core.proposal import TargetReference
from engine.usecases.observe_cluster import look

RECORDING = Path(__file__).parents[3] / "gitops" / "recordings" / "payments-crash-loop"
API = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")
NOW = "2026-11-14T03:30:00Z"


@pytest.fixture(scope="module")
def view() -> ClusterView:
    return look(SnapshotCluster(RECORDING / "during", "prod-eu"))


def test_the_namespace_says_where_a_workload_runs_and_whose_it_is(view: ClusterView) -> None:
    facts = target_facts(view, API, managed_by_git=True)
    assert (facts.environment, facts.criticality, facts.owner) == ("production", "critical", "team-payments")


def test_a_workload_can_t_declare_itself_harmless(view: ClusterView) -> None:
    live = view.get("Deployment", "payments", "payments-api")
    assert live is not None
    live["metadata"]["labels"]["penstock.dev/environment"] = "development"
    assert target_facts(view, API, managed_by_git=True).environment == "production"


def test_another_cluster_s_target_is_not_here(view: ClusterView) -> None:
    facts = target_facts(view, API.model_copy(update={"cluster": "prod-us"}), managed_by_git=False)
    assert (facts.found, facts.environment) == (False, "unknown")


def test_a_database_is_stateful(view: ClusterView) -> None:
    database = TargetReference(cluster="prod-eu", namespace="payments", kind="StatefulSet", name="payments-db")
    assert target_facts(view, database, managed_by_git=True).stateful


def test_the_new_rollout_is_a_recent_change_and_a_failing_one_is_no_deploy_in_progress(view: ClusterView) -> None:
    facts = recent_facts(view, API, [], NOW)
    assert facts.known
    assert facts.changes == 1
    assert not facts.deploy_in_progress


def test_history_that_can_t_be_read_is_not_an_empty_history(view: ClusterView) -> None:
    assert not recent_facts(view, API, None, NOW).known


def test_going_back_to_an_image_that_ran_before_is_known(view: ClusterView) -> None:
    live = view.get("Deployment", "payments", "payments-api")
    assert live is not None
    facts = image_facts(view, API, live, _with_image(live, "registry.example.com/payments/payments-api:2.8.3"))
    assert (facts.changes, facts.known_before, facts.critical_vulnerabilities) == (True, True, 0)


def test_an_image_without_a_report_was_not_scanned_rather_than_clean(view: ClusterView) -> None:
    live = view.get("Deployment", "payments", "payments-api")
    assert live is not None
    facts = image_facts(view, API, live, _with_image(live, "registry.example.com/payments/payments-api:3.0.0"))
    assert (facts.known_before, facts.critical_vulnerabilities) == (False, None)


def test_the_crash_looping_image_s_critical_vulnerability_is_seen(view: ClusterView) -> None:
    live = view.get("Deployment", "payments", "payments-api")
    facts = image_facts(view, API, None, live)
    assert (facts.critical_vulnerabilities or 0) >= 1


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("registry.example.com/payments/api:1", "registry.example.com"),
        ("localhost:5000/api", "localhost:5000"),
        ("library/nginx", "docker.io"),
        ("nginx:1.27", "docker.io"),
    ],
)
def test_the_registry_of_an_image_is_its_host(image: str, host: str) -> None:
    assert registry(image) == host


def _with_image(workload: dict[str, object], image: str) -> dict[str, object]:
    import copy

    changed = copy.deepcopy(workload)
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = image  # type: ignore[index]
    return changed
