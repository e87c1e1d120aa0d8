"""A GitOps controller's word is taken where it is plain, and anything else is no sync."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.proposal import TargetReference
from engine.core.sync import Applier, read_applier, read_release, read_sync

COMMIT = "c0ffee" + "0" * 34
API = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")
APPLICATION = Applier("Application", "argocd", "payments")
KUSTOMIZATION = Applier("Kustomization", "flux-system", "payments")
RELEASE = Applier("HelmRelease", "payments", "payments")


def application(**status: Any) -> dict[str, Any]:
    well = {"sync": {"status": "Synced", "revision": COMMIT}, "health": {"status": "Healthy"}}
    return {"metadata": {"name": "payments", "namespace": "argocd"}, "status": {**well, **status}}


def flux(**status: Any) -> dict[str, Any]:
    ready = [{"type": "Ready", "status": "True", "message": "Applied revision"}]
    well = {"observedGeneration": 3, "lastAppliedRevision": f"main@sha1:{COMMIT}", "conditions": ready}
    return {"metadata": {"name": "payments", "generation": 3}, "spec": {}, "status": {**well, **status}}


def test_an_application_that_is_synced_and_healthy_says_so_with_its_commit() -> None:
    said = read_sync(APPLICATION, application(), API)
    assert (said.revisions, said.applied, said.healthy) == ((COMMIT,), True, True)
    assert said.sentence == f"Application argocd/payments is Synced and Healthy at {COMMIT[:12]}"


@pytest.mark.parametrize("state", ["OutOfSync", "Unknown", ""])
def test_an_application_that_isn_t_synced_has_applied_nothing(state: str) -> None:
    assert not read_sync(APPLICATION, application(sync={"status": state, "revision": COMMIT}), API).applied


@pytest.mark.parametrize("health", ["Progressing", "Degraded", "Missing", "Unknown", ""])
def test_an_application_that_isn_t_well_isn_t_healthy(health: str) -> None:
    assert not read_sync(APPLICATION, application(health={"status": health}), API).healthy


def test_drift_of_another_object_isn_t_the_target_s() -> None:
    own = {"kind": "Deployment", "namespace": "payments", "name": "payments-api"}
    resources = [{**own, "status": "Synced"}, {**own, "name": "ledger-worker", "status": "OutOfSync"}]
    drifted = application(sync={"status": "OutOfSync", "revision": COMMIT}, resources=resources)
    assert read_sync(APPLICATION, drifted, API).applied
    resources[0]["status"] = "OutOfSync"
    assert not read_sync(APPLICATION, application(resources=resources), API).applied


def test_why_a_sync_failed_is_said_on_one_line() -> None:
    failed = {"phase": "Failed", "message": "admission webhook\n denied the request"}
    broken = [{"type": "ComparisonError", "message": "manifest generation failed"}]
    said = read_sync(APPLICATION, application(operationState=failed, conditions=broken), API).sentence
    assert said.endswith(": admission webhook denied the request; manifest generation failed")


def test_an_application_that_never_said_anything_is_at_no_commit() -> None:
    said = read_sync(APPLICATION, {"metadata": {"name": "payments"}}, API)
    assert (said.revisions, said.applied, said.healthy) == ((), False, False)
    assert "Unknown and Unknown at no commit" in said.sentence


@pytest.mark.parametrize("revision", [f"main@sha1:{COMMIT}", f"main/{COMMIT}", f"sha1:{COMMIT}"])
def test_a_kustomization_says_its_commit_in_every_form_of_flux(revision: str) -> None:
    said = read_sync(KUSTOMIZATION, flux(lastAppliedRevision=revision), API)
    assert (said.revisions, said.applied, said.healthy) == ((COMMIT,), True, True)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (flux(observedGeneration=2), "hasn't looked at its present form"),
        (flux(conditions=[]), "says nothing of being ready"),
        (flux(conditions=[{"type": "Ready", "status": "False", "message": "health check failed"}]), "health check"),
        ({**flux(), "spec": {"suspend": True}}, "is suspended"),
    ],
)
def test_a_kustomization_that_isn_t_ready_has_applied_nothing(found: dict[str, Any], why: str) -> None:
    said = read_sync(KUSTOMIZATION, found, API)
    assert not said.applied and not said.healthy and why in said.sentence


def test_a_release_counts_from_the_merge_on_and_by_its_repository_s_commit() -> None:
    repository = {"status": {"artifact": {"revision": f"main@sha1:{COMMIT}"}}}
    merged, before, after = "2026-11-14T03:20:00Z", "2026-11-14T03:19:59Z", "2026-11-14T03:20:05Z"
    later = flux(history=[{"lastDeployed": after}, {"lastDeployed": before}])
    said = read_release(RELEASE, later, repository, since=merged)
    assert (said.revisions, said.applied, said.healthy) == ((COMMIT,), True, True)
    earlier = read_release(RELEASE, flux(history=[{"lastDeployed": before}]), repository, since=merged)
    assert not earlier.applied and "wasn't released anew" in earlier.sentence
    assert not read_release(RELEASE, flux(), repository, since=merged).applied
    assert read_release(RELEASE, later, None, since=merged).revisions == ()


@pytest.mark.parametrize("text", ["", "Application", "Application argocd/", "Deployment payments/payments-api"])
def test_what_names_no_applier_is_none(text: str) -> None:
    assert read_applier(text) is None


def test_an_applier_reads_back_as_it_was_written() -> None:
    for applier in (APPLICATION, Applier("Kustomization", "", "payments")):
        assert read_applier(str(applier)) == applier
