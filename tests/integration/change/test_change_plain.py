"""Edits of plain manifests: the right document, and the lines that were meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.core.errors import BadInput, ChangeRefused, NothingToChange, SourceAmbiguous, SourceNotFound
from engine.usecases.build_change import BuiltChange
from tests.fakes.git import MemoryRepository
from tests.integration.change.diffs import diff

Building = Callable[..., BuiltChange]
STOREFRONT = "apps/checkout/storefront.yaml"
SHOP = ("Deployment", "checkout/storefront")


@pytest.mark.parametrize(
    ("kind", "target", "params", "path", "lines"),
    [
        (
            "scale_workload",
            SHOP,
            {"replicas": 5},
            STOREFRONT,
            ["-  replicas: 3  # one a zone", "+  replicas: 5  # one a zone"],
        ),
        (
            "restart_workload",
            SHOP,
            {},
            STOREFRONT,
            ["+      annotations:", '+        kubectl.kubernetes.io/restartedAt: "2026-11-14T03:20:00Z"'],
        ),
        (
            "set_feature_flag",
            SHOP,
            {"flag": "FEATURE_EXPRESS_CHECKOUT", "value": "on"},
            STOREFRONT,
            ["-              value: 'off'   # stays a string", "+              value: 'on'   # stays a string"],
        ),
        (
            "adjust_hpa",
            ("HorizontalPodAutoscaler", "checkout/storefront"),
            {"max_replicas": 12},
            STOREFRONT,
            [
                "-  maxReplicas: 10   # the licence of the search service ends here",
                "+  maxReplicas: 12   # the licence of the search service ends here",
            ],
        ),
        (
            "set_image",
            ("Deployment", "checkout/cart"),
            {"image": "registry.example.com/checkout/cart:3.4.8"},
            "apps/checkout/cart.yaml",
            [
                '-          image: "registry.example.com/checkout/cart:3.4.7"',
                '+          image: "registry.example.com/checkout/cart:3.4.8"',
            ],
        ),
        (
            "patch_config",
            ("Deployment", "checkout/cart"),
            {"key": "BASKET_TTL", "value": "0644"},
            "apps/checkout/cart.yaml",
            ['-              value: "86400"', '+              value: "0644"'],
        ),
        (
            "patch_config",
            ("Deployment", "checkout/cart"),
            {"key": "MODE", "value": "no"},
            "apps/checkout/cart.yaml",
            ["+            - name: MODE", '+              value: "no"'],
        ),
        (
            "change_service",
            ("Service", "checkout/cart"),
            {"port": 8080, "target_port": 9090},
            "apps/checkout/cart.yaml",
            ["-      targetPort: http", "+      targetPort: 9090"],
        ),
        (
            "silence_alert",
            SHOP,
            {"alert": "KubePodCrashLooping", "minutes": 30},
            STOREFRONT,
            ["+  annotations:", '+    silence.penstock.dev/KubePodCrashLooping: "2026-11-14T03:50:00Z"'],
        ),
    ],
)
def test_only_the_intended_lines_change(
    build: Building,
    workloads: MemoryRepository,
    kind: str,
    target: tuple[str, str],
    params: dict[str, Any],
    path: str,
    lines: list[str],
) -> None:
    built = build(workloads, kind, *target, **params)
    assert diff(built.change) == {path: lines}
    assert built.change is not None
    assert built.change.verified
    assert built.source.renderer == "plain"
    assert target[1] in built.change.summary


def test_deleting_one_document_leaves_the_others_byte_for_byte(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "delete_resource", "Service", "checkout/storefront")
    assert built.change is not None
    (edit,) = built.change.edits
    assert edit.before is not None
    assert edit.after is not None
    documents = edit.before.split(b"---\n")
    assert edit.after == b"---\n".join([documents[0], *documents[2:]])
    assert built.after is None


def test_deleting_the_only_document_deletes_the_file(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "delete_resource", "PriorityClass", "business-critical")
    assert built.change is not None
    assert [(e.path, e.after) for e in built.change.edits] == [("apps/platform/priority-class.yaml", None)]


def test_a_cache_is_flushed_by_a_job_with_its_own_image(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "clear_cache", "StatefulSet", "checkout/cart-cache", engine="redis")
    assert built.after is not None
    one = built.after["spec"]["template"]["spec"]["containers"][0]
    assert one["image"] == "registry.example.com/checkout/redis:7.4.1"
    assert one["command"][:3] == ["redis-cli", "-h", "cart-cache"]


def test_a_declaration_is_edited_in_its_own_file(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "retry_sync", "Application", "argocd/checkout")
    assert diff(built.change) == {
        "clusters/prod-eu/applications/checkout.yaml": [
            "+  annotations:",
            '+    penstock.dev/sync-retried-at: "2026-11-14T03:20:00Z"',
        ]
    }


def test_live_values_are_written_down_where_people_set_them(build: Building, workloads: MemoryRepository) -> None:
    live = {"spec": {"replicas": 5, "progressDeadlineSeconds": 9}}
    built = build(workloads, "codify_drift", *SHOP, context={"live": live}, fields=["spec.replicas"])
    assert diff(built.change) == {STOREFRONT: ["-  replicas: 3  # one a zone", "+  replicas: 5  # one a zone"]}
    for field in ("spec.progressDeadlineSeconds", "spec.template.spec.serviceAccountName", "metadata.labels[a/b]"):
        with pytest.raises(ChangeRefused, match="isn't taken from the cluster"):
            build(workloads, "codify_drift", *SHOP, context={"live": live}, fields=[field])


def test_an_action_for_people_needs_no_change(build: Building, workloads: MemoryRepository) -> None:
    built = build(workloads, "escalate", *SHOP)
    assert built.change is None
    assert built.source.status == "not_needed"


@pytest.mark.parametrize(
    ("kind", "target", "params", "refusal", "word"),
    [
        ("restart_workload", ("Deployment", "checkout/ghost"), {}, SourceNotFound, "no source in Git"),
        ("restart_workload", ("Deployment", "payments/storefront"), {}, SourceNotFound, "no source in Git"),
        ("cordon_node", ("Node", "node-1"), {}, SourceNotFound, "no source in Git"),
        ("delete_resource", ("PersistentVolumeClaim", "payments/x"), {}, SourceNotFound, "no source in Git"),
        ("scale_workload", SHOP, {"replicas": 3}, NothingToChange, "already holds"),
        (
            "set_probe",
            ("Deployment", "checkout/cart"),
            {"probe": "startup", "period_seconds": 5},
            ChangeRefused,
            "no startup",
        ),
        ("set_image", SHOP, {"container": "web", "image": "a.b/c:1"}, ChangeRefused, "no container 'web'"),
        ("set_feature_flag", SHOP, {"flag": "NOPE", "value": "on"}, ChangeRefused, "there is no NOPE"),
        ("fail_over", ("Service", "checkout/cart"), {"selector": {"x": "y"}}, ChangeRefused, "select by x"),
        ("silence_alert", ("Service", "checkout/ghost"), {"alert": "A", "minutes": 5}, SourceNotFound, "no source"),
        ("rotate_logs", SHOP, {"volume": "logs"}, ChangeRefused, "no volume 'logs'"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    build: Building,
    workloads: MemoryRepository,
    kind: str,
    target: tuple[str, str],
    params: dict[str, Any],
    refusal: type[ChangeRefused],
    word: str,
) -> None:
    with pytest.raises(refusal, match=word) as raised:
        build(workloads, kind, *target, **params)
    assert raised.value.remedy


def test_an_object_written_twice_is_ambiguous(build: Building, workloads: MemoryRepository) -> None:
    text = workloads.read(workloads.head("main"), "apps/checkout/cart.yaml")
    workloads.advance({"apps/checkout/again.yaml": text}, at="2026-11-14T03:00:00Z")
    with pytest.raises(SourceAmbiguous, match="made twice"):
        build(workloads, "restart_workload", "Deployment", "checkout/cart")


def test_an_object_that_two_applications_make_is_ambiguous(build: Building, workloads: MemoryRepository) -> None:
    name = "clusters/prod-eu/applications/checkout.yaml"
    text = (workloads.read(workloads.head("main"), name) or b"").replace(b"name: checkout\n", b"name: second\n")
    workloads.advance({"clusters/prod-eu/applications/second.yaml": text}, at="2026-11-14T03:00:00Z")
    with pytest.raises(SourceAmbiguous, match="several sources"):
        build(workloads, "restart_workload", *SHOP)


def test_an_alias_that_other_fields_share_is_refused(build: Building, workloads: MemoryRepository) -> None:
    text = (workloads.read(workloads.head("main"), STOREFRONT) or b"").decode()
    text = text.replace("requests: {cpu: 200m, memory: 256Mi}", "requests: &q {cpu: 200m, memory: 256Mi}")
    text = text.replace("limits: {memory: 512Mi}", "limits: *q")
    workloads.advance({STOREFRONT: text}, at="2026-11-14T03:00:00Z")
    with pytest.raises(SourceAmbiguous, match="shared by an alias"):
        build(workloads, "set_resources", *SHOP, limits={"memory": "1Gi"})


def test_a_malformed_manifest_is_named_with_its_line(build: Building, workloads: MemoryRepository) -> None:
    workloads.advance({"apps/checkout/bad.yaml": "kind: A\nkind: B\n"}, at="2026-11-14T03:00:00Z")
    with pytest.raises(BadInput, match="duplicate key") as refusal:
        build(workloads, "restart_workload", *SHOP)
    assert refusal.value.where == "apps/checkout/bad.yaml:2"


def test_a_json_manifest_stays_json(build: Building, workloads: MemoryRepository) -> None:
    lines = ["{", '  "apiVersion": "v1", "kind": "ConfigMap",', '  "metadata": {"name": "j", "namespace": "checkout"},']
    text = "\n".join([*lines, '  "data": {"A": "1"}', "}", ""])
    workloads.advance({"apps/checkout/j.json": text}, at="2026-11-14T03:00:00Z")
    built = build(workloads, "patch_config", "ConfigMap", "checkout/j", key="B", value="on")
    assert diff(built.change) == {"apps/checkout/j.json": ['-  "data": {"A": "1"}', '+  "data": {"A": "1", "B": "on"}']}
