"""The shipped role and the kinds the gate asks for are the same list, and nothing in it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from engine.adapters.kubernetes.resources import RESOURCES
from engine.adapters.signals.kubernetes import KINDS as SIGNALLING
from engine.core.facts.cluster_view import KINDS

MANIFEST = Path(__file__).parents[3] / "gitops" / "base" / "rbac.yaml"


def rules() -> list[dict[str, Any]]:
    documents = list(yaml.safe_load_all(MANIFEST.read_text()))
    return [rule for one in documents if one["kind"] == "ClusterRole" for rule in one["rules"]]


def test_the_role_names_what_the_gate_asks_for_and_nothing_else() -> None:
    granted = {(group, plural) for rule in rules() for group in rule["apiGroups"] for plural in rule["resources"]}
    assert granted == {(resource.group, resource.plural) for resource in RESOURCES.values()}


def test_the_role_can_only_look() -> None:
    assert {verb for rule in rules() for verb in rule["verbs"]} == {"get", "list", "watch"}
    named = {name for rule in rules() for name in rule["resources"]}
    assert not named & {"secrets", "*", "pods/exec", "pods/log", "serviceaccounts/token"}
    assert all("nonResourceURLs" not in rule for rule in rules())


def test_every_kind_that_facts_or_signals_need_can_be_asked_for() -> None:
    assert set(KINDS) <= set(RESOURCES)
    assert set(SIGNALLING) - {"Report", "ClusterReport"} <= set(RESOURCES)
