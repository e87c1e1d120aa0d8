"""A release whose containers crash is failing between two crashes too, and not a rollout that others wait for."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.recent import rollout_in_progress
from engine.core.proposal import TargetReference

TARGET = TargetReference(cluster="prod", namespace="shop", kind="Deployment", name="app")
ENDED = {"terminated": {"exitCode": 1}}
RUNNING = {"running": {}}


def in_progress(container: dict[str, Any], **said: Any) -> bool:
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": "app", "namespace": "shop", "generation": 2},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 2, "updatedReplicas": 1, "availableReplicas": 0, **said},
    }
    owner = {"kind": "Deployment", "name": "app", "controller": True}
    pod = {
        "kind": "Pod",
        "metadata": {"name": "app-1", "namespace": "shop", "ownerReferences": [owner]},
        "status": {"containerStatuses": [container]},
    }
    return rollout_in_progress(ClusterView("prod", {"Deployment": [deployment], "Pod": [pod]}), TARGET)


@pytest.mark.parametrize(
    "container",
    [
        {"ready": False, "restartCount": 3, "state": RUNNING, "lastState": ENDED},
        {"ready": False, "restartCount": 3, "state": ENDED},
        {"ready": False, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
    ],
    ids=["runs again", "just ended", "waits"],
)
def test_a_container_that_crashes_is_no_rollout(container: dict[str, Any]) -> None:
    assert not in_progress(container)


@pytest.mark.parametrize(
    "container",
    [
        {"ready": False, "restartCount": 0, "state": RUNNING},
        {"ready": True, "restartCount": 3, "state": RUNNING, "lastState": ENDED},
        {"ready": False, "restartCount": 1, "state": RUNNING, "lastState": {"terminated": {"exitCode": 0}}},
    ],
    ids=["starts", "recovered", "ended well"],
)
def test_a_container_that_starts_is_a_rollout(container: dict[str, Any]) -> None:
    assert in_progress(container)


@pytest.mark.parametrize(
    ("reason", "replicas", "goes_on"),
    [("NewReplicaSetAvailable", 1, False), ("NewReplicaSetAvailable", 2, True), ("ReplicaSetUpdated", 1, True)],
    ids=["was whole once", "an old pod is left", "never was whole"],
)
def test_pods_that_are_ready_no_more_are_no_rollout_once_it_came_to_its_end(
    reason: str, replicas: int, goes_on: bool
) -> None:
    said = [{"type": "Available", "reason": "MinimumReplicasUnavailable"}, {"type": "Progressing", "reason": reason}]
    waiting = {"ready": False, "restartCount": 0, "state": RUNNING}
    assert in_progress(waiting, conditions=said, replicas=replicas) is goes_on
