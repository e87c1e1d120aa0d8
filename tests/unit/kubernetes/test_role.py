"""The shipped role and the kinds the gate asks for are the same list, and nothing in it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from engine.adapters.kubernetes.resources import RESOURCES
from engine.adapters.kubernetes.token_review import PATH
from engine.adapters.signals.kubernetes import KINDS as SIGNALLING
from engine.core.facts.cluster_view import ASKED_KINDS, KINDS

MANIFEST = Path(__file__).parents[3] / "gitops" / "base" / "rbac.yaml"


REVIEWER = "penstock-token-reviewer"


def documents(kind: str) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in yaml.safe_load_all(MANIFEST.read_text()) if one["kind"] == kind}


def rules() -> list[dict[str, Any]]:
    return [rule for name, one in documents("ClusterRole").items() if name != REVIEWER for rule in one["rules"]]


def test_the_role_names_what_the_gate_asks_for_and_nothing_else() -> None:
    granted = {(group, plural) for rule in rules() for group in rule["apiGroups"] for plural in rule["resources"]}
    assert granted == {(resource.group, resource.plural) for resource in RESOURCES.values()}


def test_the_role_can_only_look() -> None:
    assert {verb for rule in rules() for verb in rule["verbs"]} == {"get", "list", "watch"}
    named = {name for rule in rules() for name in rule["resources"]}
    assert not named & {"secrets", "*", "pods/exec", "pods/log", "serviceaccounts/token"}
    assert all("nonResourceURLs" not in rule for rule in rules())


def test_beside_looking_it_may_only_ask_whose_a_token_is_in_the_form_it_asks() -> None:
    group, version, plural = PATH.removeprefix("/apis/").split("/")
    assert documents("ClusterRole")[REVIEWER]["rules"] == [
        {"apiGroups": [group], "resources": [plural], "verbs": ["create"]}
    ]
    assert version == "v1"
    account = {"kind": "ServiceAccount", "name": "penstock", "namespace": "penstock"}
    for name, binding in documents("ClusterRoleBinding").items():
        assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("ClusterRole", name)
        assert binding["subjects"] == [account]
    assert set(documents("ClusterRoleBinding")) == set(documents("ClusterRole"))


def test_every_kind_that_facts_or_signals_need_can_be_asked_for() -> None:
    assert {*KINDS, *SIGNALLING, *ASKED_KINDS} <= set(RESOURCES)
