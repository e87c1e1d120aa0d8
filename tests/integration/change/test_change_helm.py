"""Edits of Helm values: the one value that drives a field, found by rendering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.core.errors import FieldNotFound, RenderFailed, SourceAmbiguous
from engine.usecases.build_change import BuiltChange
from tests.fakes.git import MemoryRepository
from tests.integration.change.diffs import diff

Building = Callable[..., BuiltChange]
WEB = ("Deployment", "shop/web")
PRODUCTION = "apps/web/values-production.yaml"
STAGING = "apps/web/values-staging.yaml"
APPLICATION = "clusters/prod-eu/applications/web-production.yaml"


@pytest.mark.parametrize(
    ("kind", "target", "params", "expected"),
    [
        (
            "scale_workload",
            WEB,
            {"replicas": 6},
            {PRODUCTION: ["-replicaCount: 3   # one a zone", "+replicaCount: 6   # one a zone"]},
        ),
        ("scale_workload", ("Deployment", "shop-staging/web"), {"replicas": 2}, {STAGING: ["+replicaCount: 2"]}),
        (
            "set_image",
            WEB,
            {"image": "registry.example.com/shop/web:4.2.2"},
            {
                PRODUCTION: [
                    '-  tag: "4.2.1"  # the release pipeline writes this',
                    '+  tag: "4.2.2"  # the release pipeline writes this',
                ]
            },
        ),
        (
            "set_resources",
            WEB,
            {"limits": {"memory": "768Mi"}},
            {PRODUCTION: ["-    memory: 512Mi  # measured in October", "+    memory: 768Mi  # measured in October"]},
        ),
        ("set_resources", WEB, {"limits": {"cpu": "1"}}, {PRODUCTION: ['+    cpu: "1"']}),
        (
            "restart_workload",
            WEB,
            {},
            {PRODUCTION: ["+podAnnotations:", '+  kubectl.kubernetes.io/restartedAt: "2026-11-14T03:20:00Z"']},
        ),
        (
            "patch_config",
            ("ConfigMap", "shop/web"),
            {"key": "LOG_LEVEL", "value": "off"},
            {PRODUCTION: ["-  LOG_LEVEL: 'warn'", "+  LOG_LEVEL: 'off'"]},
        ),
        ("patch_config", ("ConfigMap", "shop/web"), {"key": "NEW", "value": "1:30"}, {PRODUCTION: ['+  NEW: "1:30"']}),
    ],
)
def test_the_value_of_this_environment_is_edited(
    build: Building,
    charts: MemoryRepository,
    kind: str,
    target: tuple[str, str],
    params: dict[str, Any],
    expected: dict[str, list[str]],
) -> None:
    built = build(charts, kind, *target, **params)
    assert diff(built.change) == expected
    assert built.change is not None
    assert built.change.verified
    assert (built.source.path, built.source.renderer) == ("charts/web", "helm")


def test_the_chart_s_own_values_are_never_edited_while_an_environment_has_its_own(
    build: Building, charts: MemoryRepository
) -> None:
    built = build(charts, "set_probe", *WEB, probe="liveness", period_seconds=20)
    assert diff(built.change) == {PRODUCTION: ["+probe:", "+  periodSeconds: 20"]}


@pytest.mark.parametrize(
    ("kind", "target", "params"),
    [
        ("set_probe", WEB, {"probe": "liveness", "failure_threshold": 6}),
        ("set_image", WEB, {"image": "registry.example.com/shop/other:9.9.9"}),
        ("silence_alert", WEB, {"alert": "A", "minutes": 5}),
    ],
)
def test_a_field_that_no_value_drives_is_refused(
    build: Building, charts: MemoryRepository, kind: str, target: tuple[str, str], params: dict[str, Any]
) -> None:
    with pytest.raises(FieldNotFound, match="no value drives"):
        build(charts, kind, *target, **params)


def test_a_value_that_drives_more_than_the_field_is_refused(build: Building, charts: MemoryRepository) -> None:
    template = "charts/web/templates/config.yaml"
    text = (charts.read(charts.head("main"), template) or b"") + b"  REPLICAS: {{ .Values.replicaCount | quote }}\n"
    charts.advance({template: text}, at="2026-11-14T03:00:00Z")
    with pytest.raises(FieldNotFound, match="no value drives spec"):
        build(charts, "scale_workload", *WEB, replicas=6)


def test_two_values_that_drive_the_field_alike_are_ambiguous(build: Building, charts: MemoryRepository) -> None:
    template = "charts/web/templates/deployment.yaml"
    text = (charts.read(charts.head("main"), template) or b"").replace(
        b"{{ .Values.replicaCount }}", b"{{ max .Values.replicaCount .Values.floor }}"
    )
    values = (charts.read(charts.head("main"), PRODUCTION) or b"") + b"floor: 3\n"
    charts.advance({template: text, PRODUCTION: values}, at="2026-11-14T03:00:00Z")
    with pytest.raises(SourceAmbiguous, match="several values"):
        build(charts, "scale_workload", *WEB, replicas=6)


def test_an_object_of_a_chart_is_not_deleted_for_one_release(build: Building, charts: MemoryRepository) -> None:
    with pytest.raises(SourceAmbiguous, match="all its releases"):
        build(charts, "delete_resource", "ConfigMap", "shop/web")


def test_values_within_the_declaration_are_edited_there(build: Building, charts: MemoryRepository) -> None:
    text = (charts.read(charts.head("main"), APPLICATION) or b"").decode()
    text = text.replace(
        "      valueFiles:\n", "      valuesObject:\n        replicaCount: 7  # for the sale\n      valueFiles:\n"
    )
    charts.advance({APPLICATION: text}, at="2026-11-14T03:00:00Z")
    built = build(charts, "scale_workload", *WEB, replicas=9)
    assert diff(built.change) == {
        APPLICATION: ["-        replicaCount: 7  # for the sale", "+        replicaCount: 9  # for the sale"]
    }


def test_a_flux_release_with_values_in_it_is_edited_there(build: Building, charts: MemoryRepository) -> None:
    release = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-shop}
spec:
  chart:
    spec:
      chart: ./charts/web
      sourceRef: {kind: GitRepository, name: gitops}
  values:
    replicaCount: 2   # keep two
"""
    charts.advance({"clusters/prod-eu/web.yaml": release}, at="2026-11-14T03:00:00Z")
    built = build(charts, "scale_workload", "Deployment", "flux-shop/web", replicas=4)
    assert diff(built.change) == {
        "clusters/prod-eu/web.yaml": ["-    replicaCount: 2   # keep two", "+    replicaCount: 4   # keep two"]
    }


def test_a_chart_that_fails_to_render_is_refused_in_its_own_words(build: Building, charts: MemoryRepository) -> None:
    template = "charts/web/templates/config.yaml"
    charts.advance({template: '{{ fail "no region set" }}\n'}, at="2026-11-14T03:00:00Z")
    with pytest.raises(RenderFailed, match="no region set"):
        build(charts, "scale_workload", *WEB, replicas=6)


def test_values_that_come_from_outside_make_the_source_ambiguous(build: Building, charts: MemoryRepository) -> None:
    text = (charts.read(charts.head("main"), APPLICATION) or b"").decode()
    text = text.replace("    helm:\n", "    helm:\n      fileParameters: [{name: a, path: b}]\n")
    charts.advance({APPLICATION: text}, at="2026-11-14T03:00:00Z")
    with pytest.raises(SourceAmbiguous, match="parameters from files"):
        build(charts, "scale_workload", *WEB, replicas=6)
