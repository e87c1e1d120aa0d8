"""What makes the API server ask is what issue and policy data say, and what is committed is what would be printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from engine.core.admission.emergency import BY, REASON, UNTIL, Emergency, read_emergency
from engine.core.admission.manifests import GLASS, Door, manifests
from engine.core.admission.writer import Roster, read_roster
from engine.core.errors import UnfitBundle
from tests.conftest import ROOT

DATA = yaml.safe_load((ROOT / "policies/rego/gate/data/admission/data.yaml").read_text())
ROSTER = read_roster(DATA)


def made(roster: Roster = ROSTER, door: Door | None = None) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in manifests(roster, door) if one["metadata"]["name"] != GLASS}


def webhooks(roster: Roster = ROSTER, door: Door | None = None) -> list[dict[str, Any]]:
    kinds = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    return [hook for kind in kinds for hook in made(roster, door)[kind]["webhooks"]]


def test_what_is_committed_is_in_step_with_policy_data() -> None:
    committed = list(yaml.safe_load_all((ROOT / "gitops/base/admission/admission.yaml").read_text()))
    assert committed == list(manifests(ROSTER)), (
        "run: penstock admission manifests > gitops/base/admission/admission.yaml"
    )


def test_every_webhook_fails_closed_soon_and_sees_every_verb_and_subresource() -> None:
    for hook in webhooks():
        assert (hook["failurePolicy"], hook["matchPolicy"], hook["timeoutSeconds"]) == ("Fail", "Equivalent", 3)
        assert hook["sideEffects"] == "NoneOnDryRun"
        (rule,) = hook["rules"]
        assert (rule["operations"], rule["resources"], rule["scope"]) == (["*"], ["*/*"], "*")
        (exempt,) = hook["namespaceSelector"]["matchExpressions"]
        assert (exempt["key"], exempt["operator"]) == ("kubernetes.io/metadata.name", "NotIn")
        assert exempt["values"] == ["penstock", "kube-system"]


def test_the_backstop_holds_everywhere_and_fails_closed() -> None:
    spec = made()["ValidatingAdmissionPolicy"]["spec"]
    assert spec["failurePolicy"] == "Fail"
    assert "namespaceSelector" not in spec["matchConstraints"]
    assert [one["expression"] for one in spec["validations"]] == ["false"]
    binding = made()["ValidatingAdmissionPolicyBinding"]["spec"]
    assert binding["policyName"] == made()["ValidatingAdmissionPolicy"]["metadata"]["name"]
    assert "Deny" in binding["validationActions"]
    assert "matchResources" not in binding


def test_whoever_policy_data_names_is_named_everywhere() -> None:
    roster = Roster(("bot-7",), ("bots",), ("robots",), ("apps",), ("syncer",), ())
    expressions = [hook["matchConditions"][0]["expression"] for hook in webhooks(roster)]
    expressions.append(made(roster)["ValidatingAdmissionPolicy"]["spec"]["matchConditions"][0]["expression"])
    for expression in expressions:
        for word in ('"bot-7"', '"bots"', '"system:serviceaccount:robots:"', '"system:serviceaccounts:robots"'):
            assert word in expression
    assert ['"syncer"' in expression for expression in expressions] == [False, True, False]


def test_a_name_in_policy_data_cant_end_the_expression() -> None:
    roster = Roster(('x"] || true || request.name in ["',), (), (), (), (), ())
    assert '\\"] || true' in webhooks(roster)[0]["matchConditions"][0]["expression"]


def test_cert_manager_is_asked_for_the_bundle_unless_one_is_given() -> None:
    asked = {"cert-manager.io/inject-ca-from": "penstock/penstock-admission"}
    assert made()["ValidatingWebhookConfiguration"]["metadata"]["annotations"] == asked
    door = Door("https://127.0.0.1:9", "QUJD")
    assert "annotations" not in made(door=door)["ValidatingWebhookConfiguration"]["metadata"]
    config = webhooks(door=door)[0]["clientConfig"]
    assert config == {"url": "https://127.0.0.1:9/admission/v1/validate", "caBundle": "QUJD"}


def test_the_glass_fails_closed_and_is_broken_by_its_group_alone() -> None:
    policy, binding = (one for one in manifests(ROSTER) if one["metadata"]["name"] == GLASS)
    assert policy["spec"]["failurePolicy"] == "Fail"
    assert "namespaceSelector" not in policy["spec"]["matchConstraints"]
    mine, said = (one["expression"] for one in policy["spec"]["validations"])
    assert '["penstock:break-glass"]' in mine
    assert all(name in said for name in (BY, REASON, UNTIL))
    assert "Deny" in binding["spec"]["validationActions"]


def test_without_a_group_nobody_breaks_the_glass() -> None:
    policy = next(one for one in manifests(replace(ROSTER, emergency=())) if one["metadata"]["name"] == GLASS)
    assert "group in []" in policy["spec"]["validations"][0]["expression"]


@pytest.mark.parametrize("data", [{}, {"groups": "everybody"}, {"groups": [7]}])
def test_a_roster_that_doesn_t_list_who_may_break_the_glass_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(UnfitBundle):
        read_roster(DATA | {"break_glass": data})


@pytest.mark.parametrize("missing", [BY, REASON, UNTIL])
def test_an_emergency_that_isn_t_said_whole_is_none(missing: str) -> None:
    said = {BY: "dana", REASON: "the queue fills up", UNTIL: "2026-11-14T05:00:00Z"}
    assert read_emergency({"metadata": {"annotations": said}}) == Emergency(*said.values())
    assert read_emergency({"metadata": {"annotations": {k: v for k, v in said.items() if k != missing}}}) is None
    assert read_emergency({"metadata": {"annotations": said | {missing: 7}}}) is None
    assert read_emergency({"metadata": {"annotations": said | {UNTIL: "soon"}}}) is None
