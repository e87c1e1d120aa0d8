"""What a workload reads is found wherever a pod may name it, and only the two agreed words say how far it is."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.facts.configuration import APPROVAL, MOST_ITEMS, approval_of, configuration, configured_by


def deployment(**pod: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"name": "api"}], **pod}}}}


def container(**fields: Any) -> dict[str, Any]:
    return deployment(containers=[{"name": "api", **fields}])


def marked(word: Any) -> dict[str, Any]:
    return {"kind": "ConfigMap", "metadata": {"name": "settings", "annotations": {APPROVAL: word}}}


@pytest.mark.parametrize(
    ("obj", "item"),
    [
        (container(envFrom=[{"configMapRef": {"name": "a"}}]), ("ConfigMap", "a")),
        (container(envFrom=[{"secretRef": {"name": "a"}}]), ("Secret", "a")),
        (
            container(env=[{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "a", "key": "x"}}}]),
            ("ConfigMap", "a"),
        ),
        (container(env=[{"name": "X", "valueFrom": {"secretKeyRef": {"name": "a", "key": "x"}}}]), ("Secret", "a")),
        (deployment(initContainers=[{"envFrom": [{"secretRef": {"name": "a"}}]}]), ("Secret", "a")),
        (deployment(volumes=[{"name": "v", "configMap": {"name": "a"}}]), ("ConfigMap", "a")),
        (deployment(volumes=[{"name": "v", "secret": {"secretName": "a"}}]), ("Secret", "a")),
        (deployment(volumes=[{"name": "v", "projected": {"sources": [{"secret": {"name": "a"}}]}}]), ("Secret", "a")),
        (
            deployment(volumes=[{"name": "v", "csi": {"volumeAttributes": {"secretProviderClass": "a"}}}]),
            ("SecretProviderClass", "a"),
        ),
    ],
)
def test_every_way_to_read_an_item_is_seen(obj: dict[str, Any], item: tuple[str, str]) -> None:
    assert configured_by(obj) == [item]


def test_what_makes_no_pods_or_reads_nothing_has_no_items() -> None:
    assert configured_by({"kind": "HorizontalPodAutoscaler", "spec": {"maxReplicas": 4}}) == []
    assert configured_by(container(env=[{"name": "X", "value": "1"}])) == []


@pytest.mark.parametrize(
    "obj",
    [
        container(envFrom="everything"),
        container(envFrom=[{"configMapRef": {}}]),
        deployment(volumes=[{"name": "v", "configMap": {"name": 7}}]),
        container(envFrom=[{"configMapRef": {"name": f"c{number}"}} for number in range(MOST_ITEMS + 1)]),
    ],
)
def test_what_is_not_of_its_shape_or_too_much_is_not_known(obj: dict[str, Any]) -> None:
    assert configured_by(obj) is None


def test_as_many_items_as_may_be_are_known() -> None:
    most = container(envFrom=[{"configMapRef": {"name": f"c{number}"}} for number in range(MOST_ITEMS)])
    assert len(configured_by(most) or ()) == MOST_ITEMS


@pytest.mark.parametrize(
    ("word", "status"),
    [("approved", "approved"), ("pending", "pending"), ("Approved", "unknown"), ("", "unknown"), (True, "unknown")],
)
def test_only_the_agreed_words_count(word: Any, status: str) -> None:
    assert approval_of(marked(word)) == status
    assert approval_of({"kind": "ConfigMap", "metadata": {"name": "settings"}}) == "unmarked"


def test_the_worst_that_is_said_of_an_item_counts_and_nothing_said_is_no_approval() -> None:
    a, b, c = ("ConfigMap", "a"), ("ConfigMap", "b"), ("Secret", "c")
    found = configuration({a: ["approved"], b: ["approved", "pending"], c: []})
    assert (found.known, found.pending, found.unmarked) == (True, ["ConfigMap/b"], ["Secret/c"])
    assert not configuration({a: ["approved", "unknown"]}).known
