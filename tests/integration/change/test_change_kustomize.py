"""Edits of Kustomize overlays, proved by kustomize itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.core.errors import FieldNotFound, SourceAmbiguous, UnintendedEdit
from engine.usecases.build_change import BuiltChange
from engine.usecases.find_source import Site
from tests.fakes.git import MemoryRepository
from tests.integration.change.diffs import diff

Building = Callable[..., BuiltChange]
Finding = Callable[[str, str, MemoryRepository], Site]
OVERLAY = "apps/payments/overlays/production"
KUSTOMIZATION = f"{OVERLAY}/kustomization.yaml"
API = ("Deployment", "payments/payments-api")
WORKER = ("Deployment", "payments/ledger-worker")


@pytest.mark.parametrize(
    ("kind", "target", "params", "expected"),
    [
        (
            "scale_workload",
            API,
            {"replicas": 6},
            {KUSTOMIZATION: ["-    count: 4", "+    count: 6"]},
        ),
        (
            "scale_workload",
            ("StatefulSet", "payments/payments-db"),
            {"replicas": 2},
            {KUSTOMIZATION: ["+  - name: payments-db", "+    count: 2"]},
        ),
        (
            "set_image",
            API,
            {"image": "registry.example.com/payments/payments-api:2.8.4"},
            {
                KUSTOMIZATION: [
                    '-    newTag: "2.8.3"  # goes out after staging held for a day',
                    '+    newTag: "2.8.4"  # goes out after staging held for a day',
                ]
            },
        ),
        (
            "set_image",
            API,
            {"image": "registry.example.com/payments/payments-api@sha256:" + "a" * 64},
            {
                KUSTOMIZATION: [
                    '-    newTag: "2.8.3"  # goes out after staging held for a day',
                    f"+    digest: sha256:{'a' * 64}",
                ]
            },
        ),
        (
            "set_image",
            API,
            {"image": "mirror.example.com/payments-api:2.8.3"},
            {KUSTOMIZATION: ["+    newName: mirror.example.com/payments-api"]},
        ),
        (
            "set_resources",
            API,
            {"limits": {"memory": "768Mi"}},
            {f"{OVERLAY}/payments-api.yaml": ["-              memory: 512Mi", "+              memory: 768Mi"]},
        ),
        (
            "set_resources",
            API,
            {"limits": {"cpu": "1"}},
            {f"{OVERLAY}/payments-api.yaml": ['+              cpu: "1"']},
        ),
        (
            "patch_config",
            ("ConfigMap", "payments/payments-config"),
            {"key": "LOG_LEVEL", "value": "off"},
            {f"{OVERLAY}/payments-config.yaml": ["-  LOG_LEVEL: warn", '+  LOG_LEVEL: "off"']},
        ),
        (
            "adjust_hpa",
            ("HorizontalPodAutoscaler", "payments/payments-api"),
            {"max_replicas": 10},
            {f"{OVERLAY}/payments-api-scaling.json6902.yaml": ["-  value: 8", "+  value: 10"]},
        ),
        (
            "adjust_pdb",
            ("PodDisruptionBudget", "payments/payments-api"),
            {"min_available": 1},
            {KUSTOMIZATION: ["-        value: 2", "+        value: 1"]},
        ),
        (
            "suspend_cronjob",
            ("CronJob", "payments/settlement"),
            {},
            {
                KUSTOMIZATION: ["+  - path: penstock-cronjob-settlement.yaml"],
                f"{OVERLAY}/penstock-cronjob-settlement.yaml": [
                    "+apiVersion: batch/v1",
                    "+kind: CronJob",
                    "+metadata:",
                    "+  name: settlement",
                    "+spec:",
                    "+  suspend: true",
                ],
            },
        ),
        (
            "delete_resource",
            ("ResourceQuota", "payments/payments"),
            {},
            {KUSTOMIZATION: ["-  - resource-quota.yaml"], f"{OVERLAY}/resource-quota.yaml": None},
        ),
        (
            "delete_resource",
            ("NetworkPolicy", "payments/payments-db"),
            {},
            {
                KUSTOMIZATION: ["+  - path: penstock-networkpolicy-payments-db.yaml"],
                f"{OVERLAY}/penstock-networkpolicy-payments-db.yaml": None,
            },
        ),
    ],
)
def test_the_place_that_sets_the_field_is_edited_and_nothing_else(
    build: Building,
    workloads: MemoryRepository,
    kind: str,
    target: tuple[str, str],
    params: dict[str, Any],
    expected: dict[str, list[str] | None],
) -> None:
    built = build(workloads, kind, *target, **params)
    assert built.change is not None
    assert built.change.verified
    assert (built.source.status, built.source.path, built.source.renderer) == ("found", OVERLAY, "kustomize")
    lines = diff(built.change)
    assert lines.keys() == expected.keys()
    assert {path: wanted or lines[path] for path, wanted in expected.items()} == lines


def test_a_base_is_never_edited_since_other_overlays_are_made_of_it(
    build: Building, workloads: MemoryRepository
) -> None:
    for kind, params in (
        ("set_resources", {"limits": {"memory": "1Gi"}}),
        ("set_probe", {"probe": "liveness", "failure_threshold": 9}),
        ("restart_workload", {}),
        ("scale_workload", {"replicas": 5}),
    ):
        built = build(workloads, kind, *WORKER if kind != "set_probe" else API, **params)
        assert built.change is not None
        assert all(edit.path.startswith(f"{OVERLAY}/") for edit in built.change.edits)


def test_staging_is_not_touched_by_a_change_of_production(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "scale_workload", "Deployment", "payments-staging/ledger-worker", replicas=2)
    assert diff(built.change) == {
        "apps/payments/overlays/staging/kustomization.yaml": [
            "+replicas:",
            "+  - name: ledger-worker",
            "+    count: 2",
        ]
    }


def test_a_second_action_on_the_same_object_goes_into_the_patch_of_the_first(
    build: Building, workloads: MemoryRepository
) -> None:
    first = build(workloads, "restart_workload", *WORKER).change
    assert first is not None
    workloads.advance({edit.path: edit.after for edit in first.edits}, at="2026-11-14T03:21:00Z")
    second = build(workloads, "set_resources", *WORKER, limits={"memory": "768Mi"})
    assert list(diff(second.change)) == [f"{OVERLAY}/penstock-deployment-ledger-worker.yaml"]


def test_a_list_without_names_is_written_out_whole(build: Building, workloads: MemoryRepository) -> None:
    target = ("NetworkPolicy", "payments/payments-api")
    built = build(workloads, "change_network_policy", *target, operation="add", from_namespace="platform", port=9090)
    assert built.after is not None
    assert len(built.after["spec"]["ingress"]) == 2


def test_an_object_whose_kind_kustomize_does_not_know_is_patched_by_whole_lists(
    build: Building, workloads: MemoryRepository
) -> None:
    terraform = """apiVersion: infra.contrib.fluxcd.io/v1alpha2
kind: Terraform
metadata: {name: network}
spec:
  vars:
    - {name: size, value: small}
    - {name: zone, value: a}
"""
    base = "apps/payments/base/kustomization.yaml"
    text = (workloads.read(workloads.head("main"), base) or b"").replace(b"resources:\n", b"resources:\n  - tf.yaml\n")
    workloads.advance({base: text, "apps/payments/base/tf.yaml": terraform}, at="2026-11-14T03:00:00Z")
    built = build(workloads, "terraform_change", "Terraform", "payments/network", variable="size", value="large")
    assert built.after is not None
    assert [v["value"] for v in built.after["spec"]["vars"]] == ["large", "a"]


def test_a_literal_of_a_generator_is_edited_where_its_name_stays(build: Building, workloads: MemoryRepository) -> None:
    generator = b"""configMapGenerator:
  - name: flags
    literals:
      - REFUNDS=on   # since May
generatorOptions:
  disableNameSuffixHash: true
"""
    text = workloads.read(workloads.head("main"), KUSTOMIZATION) or b""
    workloads.advance({KUSTOMIZATION: text + generator}, at="2026-11-14T03:00:00Z")
    built = build(workloads, "set_feature_flag", "ConfigMap", "payments/flags", flag="REFUNDS", value="off")
    assert diff(built.change) == {
        KUSTOMIZATION: ["-      - REFUNDS=on   # since May", "+      - REFUNDS=off   # since May"]
    }


def test_a_generated_map_whose_name_would_change_with_it_is_refused(
    build: Building, find: Finding, workloads: MemoryRepository
) -> None:
    generator = b"configMapGenerator:\n  - name: flags\n    literals: [REFUNDS=on]\n"
    text = workloads.read(workloads.head("main"), KUSTOMIZATION) or b""
    workloads.advance({KUSTOMIZATION: text + generator}, at="2026-11-14T03:00:00Z")
    made = find("Deployment", "payments/payments-api", workloads).rendering.objects.values()
    (name,) = [str(obj["metadata"]["name"]) for obj in made if str(obj["metadata"]["name"]).startswith("flags-")]
    with pytest.raises(FieldNotFound, match="is generated"):
        build(workloads, "set_feature_flag", "ConfigMap", f"payments/{name}", flag="REFUNDS", value="off")


def test_an_image_that_two_workloads_share_is_not_changed_for_both(
    build: Building, workloads: MemoryRepository
) -> None:
    worker = "apps/payments/base/ledger-worker.yaml"
    text = (workloads.read(workloads.head("main"), worker) or b"").replace(
        b"payments/ledger-worker\n", b"payments/payments-api\n"
    )
    workloads.advance({worker: text}, at="2026-11-14T03:00:00Z")
    with pytest.raises(UnintendedEdit, match="Deployment ledger-worker"):
        build(workloads, "set_image", *API, image="registry.example.com/payments/payments-api:2.8.4")


def test_a_field_that_two_patches_set_is_ambiguous(build: Building, workloads: MemoryRepository) -> None:
    patch = b"""apiVersion: apps/v1
kind: Deployment
metadata: {name: payments-api}
spec:
  template:
    spec:
      containers:
        - {name: payments-api, resources: {limits: {memory: 640Mi}}}
"""
    text = (workloads.read(workloads.head("main"), KUSTOMIZATION) or b"") + b"  - path: more.yaml\n"
    workloads.advance({KUSTOMIZATION: text, f"{OVERLAY}/more.yaml": patch}, at="2026-11-14T03:00:00Z")
    with pytest.raises(SourceAmbiguous, match="set by several patches"):
        build(workloads, "set_resources", *API, limits={"memory": "768Mi"})


def test_a_one_shot_job_is_one_file_and_one_line(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "rerun_job", "CronJob", "payments/settlement")
    lines = diff(built.change)
    assert built.after is not None
    name = built.after["metadata"]["name"]
    assert lines[KUSTOMIZATION] == [f"+  - job-{name}.yaml"]
    assert built.after["kind"] == "Job"
    assert built.after["spec"]["ttlSecondsAfterFinished"] == 3600
    again = build(workloads, "rerun_job", "CronJob", "payments/settlement")
    assert again.change == built.change
    other = build(workloads, "rerun_job", "CronJob", "payments/settlement", context={"proposal": "p-2"})
    assert other.after is not None
    assert other.after["metadata"]["name"] != name


def test_a_job_that_a_cron_job_made_is_run_again_from_the_cron_job(
    build: Building, workloads: MemoryRepository
) -> None:
    owner = {"kind": "CronJob", "name": "settlement", "controller": True}
    live = {"kind": "Job", "metadata": {"name": "settlement-29384", "ownerReferences": [owner]}}
    built = build(workloads, "rerun_job", "Job", "payments/settlement-29384", context={"live": live})
    assert built.after is not None
    assert built.after["spec"]["template"]["spec"]["containers"][0]["name"] == "settlement"


def test_a_scratch_volume_is_cleared_by_new_pods(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "clear_ephemeral_storage", *API, volume="scratch")
    assert list(diff(built.change)) == [f"{OVERLAY}/payments-api.yaml"]
