"""What the catalogue promises: it is closed, it bounds, and reversibility is derived rather than claimed."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.action.catalogue import CATALOGUE, check, known, reversibility
from engine.core.change.intend.intention import INTENTIONS
from engine.core.errors import BadInput
from engine.core.proposal import ActionRequest

RELIED_ON = [
    "restart_workload",
    "rollback_workload",
    "scale_workload",
    "set_image",
    "set_resources",
    "set_probe",
    "patch_config",
    "promote_autonomy",
    "learn_incident",
    "suspend_cronjob",
    "rerun_job",
    "clear_ephemeral_storage",
    "rotate_logs",
    "adjust_hpa",
    "adjust_pdb",
    "cordon_node",
    "revert_drift",
    "codify_drift",
    "drain_node",
    "clear_cache",
    "set_feature_flag",
    "retry_sync",
    "fail_over",
    "silence_alert",
    "acknowledge_duplicate",
    "expand_volume",
    "change_service",
    "change_certificate",
    "set_security_context",
    "change_taint",
    "restore_resource",
    "revert_commit",
    "delete_resource",
    "edit_by_hand",
    "change_rbac",
    "change_network_policy",
    "change_iam",
    "terraform_change",
    "apply_plan",
    "escalate",
]


def request(kind: str, target_kind: str = "Deployment", namespace: str = "payments", **params: Any) -> ActionRequest:
    target = {"cluster": "prod-eu", "namespace": namespace, "kind": target_kind, "name": "api"}
    return ActionRequest.model_validate({"kind": kind, "target": target, "params": params})


def test_every_kind_that_is_relied_on_from_outside_is_there_and_no_other() -> None:
    assert sorted(CATALOGUE) == sorted(RELIED_ON)


def test_every_kind_that_needs_a_change_has_an_intention() -> None:
    needing = {kind.id for kind in CATALOGUE.values() if kind.needs_change}
    assert needing - {"restore_resource", "apply_plan", "promote_autonomy", "learn_incident"} == set(INTENTIONS)


def test_every_kind_says_in_a_few_words_what_it_does() -> None:
    titles = [kind.title for kind in CATALOGUE.values()]
    assert len(set(titles)) == len(titles)
    assert all(10 < len(title) < 60 for title in titles)


def test_an_unknown_kind_is_not_an_error_but_a_reason() -> None:
    answer = known(request("format_disk"))
    assert not answer
    assert "unknown action kind 'format_disk'" in answer.reason


def test_a_request_that_fits_is_known_without_a_reason() -> None:
    assert known(request("restart_workload"))
    assert known(request("restart_workload")).reason == ""


@pytest.mark.parametrize(
    ("kind", "target_kind", "params", "field"),
    [
        ("no_such_kind", "Deployment", {}, "action.kind"),
        ("restart_workload", "Secret", {}, "action.target.kind"),
        ("restart_workload", "Deployment", {"force": True}, "action.params.force"),
        ("scale_workload", "Deployment", {}, "action.params.replicas"),
        ("scale_workload", "Deployment", {"replicas": -1}, "action.params.replicas"),
        ("scale_workload", "Deployment", {"replicas": 1001}, "action.params.replicas"),
        ("scale_workload", "Deployment", {"replicas": "3"}, "action.params.replicas"),
        ("scale_workload", "Deployment", {"replicas": True}, "action.params.replicas"),
        ("scale_workload", "DaemonSet", {"replicas": 1}, "action.target.kind"),
        ("set_image", "Deployment", {"image": "registry.example.com/a/b"}, "action.params.image"),
        ("set_image", "Deployment", {"image": "registry.example.com/a/b:latest"}, "action.params.image"),
        ("set_image", "Deployment", {"image": "a b:1"}, "action.params.image"),
        ("set_image", "Deployment", {"image": "--privileged:1"}, "action.params.image"),
        ("set_resources", "Deployment", {}, "action.params"),
        ("set_resources", "Deployment", {"limits": {"memory": "lots"}}, "action.params.limits"),
        ("set_resources", "Deployment", {"limits": {"memory": "65Ti"}}, "action.params.limits"),
        ("set_resources", "Deployment", {"limits": {"cpu": "257"}}, "action.params"),
        ("set_resources", "Deployment", {"limits": {"gpu": "1"}}, "action.params.limits"),
        ("set_resources", "Deployment", {"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}, "action.params"),
        ("set_probe", "Deployment", {"probe": "liveness"}, "action.params"),
        ("set_probe", "Deployment", {"probe": "liveness", "period_seconds": 0}, "action.params.period_seconds"),
        ("set_security_context", "Deployment", {"privileged": True}, "action.params.privileged"),
        ("rollback_workload", "Deployment", {"to_revision": "HEAD~1"}, "action.params.to_revision"),
        ("rollback_workload", "Deployment", {"to_revision": 0}, "action.params.to_revision"),
        ("patch_config", "ConfigMap", {"key": "A/B", "value": "x"}, "action.params.key"),
        ("patch_config", "ConfigMap", {"key": "A", "value": "x\x00"}, "action.params.value"),
        ("patch_config", "ConfigMap", {"key": "A", "value": "x\u202ey"}, "action.params.value"),
        ("patch_config", "ConfigMap", {"key": "A", "value": "x" * 4097}, "action.params.value"),
        ("patch_config", "Secret", {"key": "A", "value": "x"}, "action.target.kind"),
        ("set_feature_flag", "ConfigMap", {"flag": "A", "value": "maybe"}, "action.params.value"),
        ("adjust_hpa", "HorizontalPodAutoscaler", {}, "action.params"),
        ("adjust_hpa", "HorizontalPodAutoscaler", {"min_replicas": 5, "max_replicas": 4}, "action.params"),
        ("adjust_pdb", "PodDisruptionBudget", {"min_available": 1, "max_unavailable": 1}, "action.params"),
        ("adjust_pdb", "PodDisruptionBudget", {"min_available": "101%"}, "action.params.min_available"),
        ("clear_ephemeral_storage", "Deployment", {"volume": "tmp", "path": "../etc"}, "action.params.path"),
        ("clear_ephemeral_storage", "Deployment", {"volume": "tmp", "path": "/etc"}, "action.params.path"),
        ("silence_alert", "Deployment", {"alert": "A", "minutes": 1441}, "action.params.minutes"),
        ("revert_commit", "Deployment", {"commit": "main"}, "action.params.commit"),
        ("codify_drift", "Deployment", {"fields": []}, "action.params.fields"),
        (
            "change_rbac",
            "Role",
            {"operation": "add", "resources": ["pods"], "verbs": ["escalate"]},
            "action.params.verbs",
        ),
        ("change_rbac", "Role", {"operation": "add", "resources": ["*"], "verbs": ["get"]}, "action.params.resources"),
        ("change_rbac", "RoleBinding", {"operation": "add", "resources": ["pods"], "verbs": ["get"]}, "action.params"),
        ("change_service", "Service", {"port": 80}, "action.params"),
        ("expand_volume", "StatefulSet", {"size": "10Gi"}, "action.target.kind"),
    ],
)
def test_what_does_not_fit_is_refused_naming_the_field(
    kind: str, target_kind: str, params: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        check(request(kind, target_kind, **params))
    assert refusal.value.where == field
    assert refusal.value.remedy


@pytest.mark.parametrize(
    ("kind", "target_kind", "params"),
    [
        ("scale_workload", "Deployment", {"replicas": 0}),
        ("scale_workload", "StatefulSet", {"replicas": 1000}),
        ("set_image", "CronJob", {"image": "registry.example.com:5000/a/b.c_d:1.2@sha256:" + "a" * 64}),
        ("set_resources", "Deployment", {"requests": {"cpu": "256"}, "limits": {"cpu": "256", "memory": "64Ti"}}),
        ("rollback_workload", "Deployment", {"to_revision": "previous"}),
        ("rollback_workload", "Deployment", {"to_revision": "0a1b2c3"}),
        ("rollback_workload", "Deployment", {"to_revision": 7}),
        ("patch_config", "ConfigMap", {"key": "app.properties", "value": "a=1\n\tb=2\n"}),
        ("adjust_pdb", "PodDisruptionBudget", {"min_available": "100%"}),
        ("silence_alert", "Service", {"alert": "KubePodCrashLooping", "minutes": 1440}),
        ("codify_drift", "Deployment", {"fields": ["spec.template.spec.containers[api].image", "data.A_B"]}),
        ("delete_resource", "Anything", {}),
    ],
)
def test_what_lies_at_the_limit_is_taken(kind: str, target_kind: str, params: dict[str, Any]) -> None:
    assert check(request(kind, target_kind, **params)).kind is CATALOGUE[kind]


def test_the_digest_is_the_request_s_own_and_changes_with_any_parameter() -> None:
    three, four = (check(request("scale_workload", replicas=n)) for n in (3, 4))
    assert three.digest == request("scale_workload", replicas=3).digest
    assert three.digest != four.digest


def test_scaling_to_nothing_is_felt_by_all_pods() -> None:
    assert check(request("scale_workload", replicas=0)).disruption == "all"
    assert check(request("scale_workload", replicas=1)).disruption == "rolling"


def test_only_kinds_that_touch_access_network_or_infrastructure_are_permissions() -> None:
    touching = {kind.id for kind in CATALOGUE.values() if kind.permission}
    infrastructure = {"terraform_change", "apply_plan", "promote_autonomy"}
    assert touching == {"change_rbac", "change_iam", "change_network_policy"} | infrastructure


def test_kinds_for_people_need_no_change_and_have_no_inverse() -> None:
    without = {kind.id for kind in CATALOGUE.values() if not kind.needs_change}
    assert without == {"acknowledge_duplicate", "escalate"}
    assert not reversibility(check(request("escalate")), None).inverse


@pytest.mark.parametrize("kind", ["PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace", "Secret"])
def test_deleting_what_holds_data_loses_it(kind: str) -> None:
    facts = reversibility(check(request("delete_resource", kind)), None)
    assert (facts.reversible, facts.data_loss) == (False, True)
    assert kind in facts.basis


def test_deleting_what_git_alone_makes_is_undone_by_the_inverse() -> None:
    facts = reversibility(check(request("delete_resource", "Service")), None)
    assert (facts.reversible, facts.inverse, facts.data_loss) == (True, True, False)


def test_deleting_a_kind_nobody_knows_counts_as_losing_data() -> None:
    facts = reversibility(check(request("delete_resource", "PostgresCluster")), None)
    assert (facts.reversible, facts.data_loss) == (False, True)


def workload(*volumes: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"metadata": metadata, "spec": {"template": {"spec": {"volumes": list(volumes)}}}}


CLEARING = {"kind": "clear_ephemeral_storage", "volume": "scratch"}


@pytest.mark.parametrize(
    ("before", "loses"),
    [
        (workload({"name": "scratch", "emptyDir": {}}), False),
        (workload({"name": "scratch", "persistentVolumeClaim": {"claimName": "c"}}), True),
        (workload({"name": "scratch", "hostPath": {"path": "/var"}}), True),
        ({"spec": {"volumeClaimTemplates": [{"metadata": {"name": "scratch"}}]}}, True),
        (None, True),
    ],
)
def test_clearing_a_volume_loses_data_unless_it_goes_with_its_pods(before: Any, loses: bool) -> None:
    facts = reversibility(check(request("clear_ephemeral_storage", volume="scratch")), before)
    assert facts.data_loss is loses
    assert facts.reversible is not loses


def test_a_cache_on_a_claim_may_be_more_than_a_cache() -> None:
    action = check(request("clear_cache", "StatefulSet", engine="redis"))
    claim = {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}
    assert reversibility(action, claim).data_loss
    assert not reversibility(action, workload({"name": "scratch", "emptyDir": {}})).data_loss


def test_a_job_that_must_not_run_twice_is_not_reversible() -> None:
    action = check(request("rerun_job", "Job"))
    once = workload(annotations={"penstock.dev/idempotent": "false"})
    assert not reversibility(action, once).reversible
    assert reversibility(action, workload()).reversible


def test_a_volume_that_grew_cannot_shrink() -> None:
    facts = reversibility(check(request("expand_volume", "PersistentVolumeClaim", size="10Gi")), None)
    assert (facts.reversible, facts.data_loss) == (False, False)


def test_scaling_down_a_stateful_set_that_deletes_its_claims_loses_data() -> None:
    action = check(request("scale_workload", "StatefulSet", replicas=1))
    spec = {"replicas": 3, "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}
    assert reversibility(action, {"spec": spec}).data_loss
    spec["persistentVolumeClaimRetentionPolicy"] = {"whenScaled": "Retain"}
    assert not reversibility(action, {"spec": spec}).data_loss
