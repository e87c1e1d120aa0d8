"""Looking back: images that ran before, commits taken back, objects brought back; only from merged history."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.core.errors import ChangeRefused, NothingToChange, SourceNotFound
from engine.usecases.build_change import BuiltChange
from tests.fakes.git import MemoryRepository
from tests.integration.change.diffs import diff

Building = Callable[..., BuiltChange]
API = ("Deployment", "payments/payments-api")
OVERLAY = "apps/payments/overlays/production"
KUSTOMIZATION = f"{OVERLAY}/kustomization.yaml"
COMMENT = "  # goes out after staging held for a day"


def release(repository: MemoryRepository, old: str, new: str, at: str) -> str:
    before = repository.read(repository.head("main"), KUSTOMIZATION) or b""
    after = before.replace(f'"{old}"{COMMENT}'.encode(), f'"{new}"{COMMENT}'.encode())
    return repository.advance({KUSTOMIZATION: after}, at=at)


@pytest.fixture
def released(workloads: MemoryRepository) -> MemoryRepository:
    release(workloads, "2.8.3", "2.8.4", "2026-11-10T09:00:00Z")
    release(workloads, "2.8.4", "2.9.0", "2026-11-14T02:58:00Z")
    return workloads


def test_previous_is_the_last_image_that_differed(build: Building, released: MemoryRepository) -> None:
    text = released.read(released.head("main"), "apps/payments/overlays/production/payments-config.yaml") or b""
    released.advance({f"{OVERLAY}/payments-config.yaml": text + b"  A: b\n"}, at="2026-11-14T03:00:00Z")
    built = build(released, "rollback_workload", *API, to_revision="previous")
    assert diff(built.change) == {KUSTOMIZATION: [f'-    newTag: "2.9.0"{COMMENT}', f'+    newTag: "2.8.4"{COMMENT}']}
    assert built.change is not None
    assert "from registry.example.com/payments/payments-api:2.9.0 to" in built.change.summary


def test_history_is_read_by_descent_whatever_the_dates_say(build: Building, workloads: MemoryRepository) -> None:
    release(workloads, "2.8.3", "2.8.4", "2026-12-24T00:00:00Z")
    release(workloads, "2.8.4", "2.9.0", "2020-01-01T00:00:00Z")
    built = build(workloads, "rollback_workload", *API)
    assert diff(built.change)[KUSTOMIZATION][1] == f'+    newTag: "2.8.4"{COMMENT}'


def test_a_commit_can_be_named(build: Building, released: MemoryRepository) -> None:
    first = released.history(released.head("main"), KUSTOMIZATION, 10)[-1].id
    built = build(released, "rollback_workload", *API, to_revision=first[:12])
    assert diff(built.change)[KUSTOMIZATION][1] == f'+    newTag: "2.8.3"{COMMENT}'


def test_a_commit_that_was_never_merged_is_no_earlier_state(build: Building, released: MemoryRepository) -> None:
    head = released.head("main")
    before = released.read(head, KUSTOMIZATION) or b""
    from engine.core.change.model import FileEdit

    evil = FileEdit(KUSTOMIZATION, before, before.replace(b'"2.9.0"', b'"6.6.6"'))
    at = "2026-11-14T03:00:00Z"
    unmerged = released.commit(head, [evil], message="x", author="mallory <m@example.com>", at=at)
    for kind, params in (("rollback_workload", {"to_revision": unmerged}), ("revert_commit", {"commit": unmerged})):
        with pytest.raises(ChangeRefused, match="no commit of the target's files"):
            build(released, kind, *API, **params)


def test_a_rollout_number_is_looked_up_in_the_cluster_s_own_record(build: Building, released: MemoryRepository) -> None:
    images = {3: {"payments-api": "registry.example.com/payments/payments-api:2.7.0"}}
    built = build(released, "rollback_workload", *API, context={"revisions": images}, to_revision=3)
    assert diff(built.change)[KUSTOMIZATION][1] == f'+    newTag: "2.7.0"{COMMENT}'
    with pytest.raises(ChangeRefused, match="rollout 4 isn't known"):
        build(released, "rollback_workload", *API, context={"revisions": images}, to_revision=4)


def test_a_history_without_another_image_is_a_refusal(build: Building, workloads: MemoryRepository) -> None:
    with pytest.raises(ChangeRefused, match="no other image"):
        build(workloads, "rollback_workload", *API)


def test_an_image_in_a_plain_manifest_is_rolled_back(build: Building, workloads: MemoryRepository) -> None:
    path = "apps/checkout/storefront.yaml"
    text = (workloads.read(workloads.head("main"), path) or b"").replace(b"5.21.0", b"5.22.0")
    workloads.advance({path: text}, at="2026-11-04T10:00:00Z")
    lines = diff(build(workloads, "rollback_workload", "Deployment", "checkout/storefront").change)[path]
    assert [line[-6:] for line in lines] == ["5.22.0", "5.21.0"]


def test_a_tag_in_helm_values_is_rolled_back(build: Building, charts: MemoryRepository) -> None:
    path = "apps/web/values-production.yaml"
    text = (charts.read(charts.head("main"), path) or b"").replace(b"4.2.1", b"4.3.0")
    charts.advance({path: text}, at="2026-11-14T02:58:00Z")
    built = build(charts, "rollback_workload", "Deployment", "shop/web")
    assert diff(built.change)[path][1] == '+  tag: "4.2.1"  # the release pipeline writes this'


def test_a_commit_is_taken_back_for_the_target_alone(build: Building, released: MemoryRepository) -> None:
    before = released.read(released.head("main"), KUSTOMIZATION) or b""
    both = before.replace(b'"2.9.0"', b'"3.0.0"').replace(b'"1.14.1"', b'"1.15.0"').replace(b"count: 4", b"count: 5")
    commit = released.advance({KUSTOMIZATION: both}, at="2026-11-14T03:00:00Z")
    built = build(released, "revert_commit", *API, commit=commit)
    assert diff(built.change) == {
        KUSTOMIZATION: [
            f'-    newTag: "3.0.0"{COMMENT}',
            f'+    newTag: "2.9.0"{COMMENT}',
            "-    count: 5",
            "+    count: 4",
        ]
    }


def test_a_commit_whose_field_was_changed_since_is_not_taken_back(build: Building, released: MemoryRepository) -> None:
    first = released.history(released.head("main"), KUSTOMIZATION, 10)[1].id
    with pytest.raises(ChangeRefused, match="was changed again since"):
        build(released, "revert_commit", *API, commit=first)


def test_a_commit_that_did_nothing_to_the_target_is_not_taken_back(build: Building, released: MemoryRepository) -> None:
    with pytest.raises(ChangeRefused, match="did nothing to the target"):
        build(released, "revert_commit", "Deployment", "payments/ledger-worker", commit=released.head("main"))


@pytest.mark.parametrize(
    ("kind", "target", "path"),
    [
        ("Service", "checkout/storefront", "apps/checkout/storefront.yaml"),
        ("PriorityClass", "business-critical", "apps/platform/priority-class.yaml"),
        ("ResourceQuota", "payments/payments", f"{OVERLAY}/resource-quota.yaml"),
    ],
)
def test_what_was_deleted_comes_back_word_for_word(
    build: Building, workloads: MemoryRepository, kind: str, target: str, path: str
) -> None:
    deleted = build(workloads, "delete_resource", kind, target).change
    assert deleted is not None
    commit = workloads.advance({e.path: e.after for e in deleted.edits}, at="2026-11-14T03:00:00Z")
    restored = build(workloads, "restore_resource", kind, target)
    assert restored.change is not None
    workloads.advance({e.path: e.after for e in restored.change.edits}, at="2026-11-14T03:01:00Z")
    original = next(e.before for e in deleted.edits if e.path == path) or b""
    now = workloads.read(workloads.head("main"), path) or b""
    assert sorted(now.splitlines()) == sorted(original.splitlines())
    assert commit != workloads.head("main")
    with pytest.raises(NothingToChange):
        build(workloads, "restore_resource", kind, target)


def test_what_never_was_cannot_be_restored(build: Building, workloads: MemoryRepository) -> None:
    with pytest.raises(SourceNotFound, match="no commit made"):
        build(workloads, "restore_resource", "Service", "checkout/ghost")
