"""What data says of a difference: noise, worth writing down, or to be put back; and data that says nothing readable."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from engine.core.drift.difference import Difference, Holder
from engine.core.drift.judgement import judge
from engine.core.errors import UnfitBundle
from engine.core.signal import ObjectReference
from tests.conftest import ROOT

SHIPPED = yaml.safe_load((ROOT / "policies" / "rego" / "gate" / "data" / "drift" / "data.yaml").read_text())
MESH = "spec.template.spec.containers[istio-proxy].image"


def about(kind: str) -> ObjectReference:
    return ObjectReference("prod-eu", "shop", kind, "api")


def verdict(kind: str, path: str, *, scaled: bool = False, topic: Any = SHIPPED, manager: str = "kubectl-edit") -> str:
    one = Difference(path, 1, 2, Holder(manager, "Update", "2026-11-14T03:00:00Z"))
    judged = judge(about(kind), [one], topic, autoscaled=scaled)
    [word] = [
        w for w, found in (("noise", judged.noise), ("codify", judged.codify), ("revert", judged.revert)) if found
    ]
    return word


def test_what_an_autoscaler_sets_is_noise_only_where_there_is_one() -> None:
    assert verdict("Deployment", "spec.replicas", scaled=True) == "noise"
    assert verdict("Deployment", "spec.replicas", scaled=False) == "revert"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", MESH),
        ("MutatingWebhookConfiguration", "webhooks[a.b].clientConfig.caBundle"),
        ("Service", "spec.clusterIPs[0]"),
        ("PersistentVolumeClaim", "spec.volumeName"),
    ],
)
def test_known_noise_is_noise_for_its_own_kinds_alone(kind: str, path: str) -> None:
    assert verdict(kind, path) == "noise"
    assert verdict("NetworkPolicy", path) == "revert"


def test_a_path_is_taken_whole() -> None:
    assert verdict("Service", "spec.clusterIPx") == "revert"
    assert verdict("HorizontalPodAutoscaler", "spec.maxReplicas") == "codify"
    assert verdict("HorizontalPodAutoscaler", "spec.maxReplicas.x") == "revert"


def test_a_line_with_managers_fits_only_what_they_manage() -> None:
    line = {"kinds": ["*"], "fields": ["data.*"], "managers": ["certs"], "because": "it is theirs"}
    topic = {"noise": {"theirs": line}, "codify": {}}
    assert verdict("ConfigMap", "data.ca", topic=topic, manager="certs") == "noise"
    assert verdict("ConfigMap", "data.ca", topic=topic, manager="kubectl-edit") == "revert"


@pytest.mark.parametrize(
    "topic",
    [
        {},
        {"noise": {}},
        {"codify": {}},
        {"noise": [], "codify": {}},
        {"noise": {"a": {"kinds": ["*"], "fields": ["*"]}}, "codify": {}},
        {"noise": {"a": {"kinds": "*", "fields": ["*"], "because": "x"}}, "codify": {}},
    ],
)
def test_data_that_says_nothing_readable_is_no_judgement(topic: Any) -> None:
    with pytest.raises(UnfitBundle):
        verdict("Deployment", "spec.replicas", topic=topic)
