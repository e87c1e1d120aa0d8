"""Verification believes the API, and only what it says after the merge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.kubernetes.snapshot import SnapshotCluster
from engine.core.facts.cluster_view import ClusterView
from engine.core.proposal import TargetReference
from engine.core.runbook import VerificationCheck
from engine.core.verification import Watched, verify_checks
from engine.usecases.observe_cluster import look

RECORDING = Path(__file__).parents[3] / "gitops" / "recordings" / "payments-crash-loop"
API = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")
BEFORE_ALL = "2026-11-14T02:00:00Z"
AFTER_ALL = "2026-11-14T23:00:00Z"


def view(phase: str) -> ClusterView:
    return look(SnapshotCluster(RECORDING / phase, "prod-eu"))


def holds(seen: ClusterView, check: str, since: str, **extra: Any) -> bool:
    wanted = VerificationCheck(id=check, **extra)  # type: ignore[arg-type]
    return verify_checks([wanted], Watched(seen, API, since))[0].holds


@pytest.mark.parametrize("check", ["pods_ready", "rollout_complete", "restarts_stable"])
def test_a_crash_loop_is_no_success(check: str) -> None:
    assert not holds(view("during"), check, BEFORE_ALL)


@pytest.mark.parametrize("check", ["pods_ready", "rollout_complete", "restarts_stable"])
def test_the_recovered_deployment_passes(check: str) -> None:
    assert holds(view("after"), check, AFTER_ALL)


def test_events_from_before_the_merge_are_old_news() -> None:
    assert holds(view("after"), "no_new_events", AFTER_ALL, reason="BackOff")
    assert not holds(view("during"), "no_new_events", BEFORE_ALL, reason="BackOff")


@pytest.mark.parametrize("check", ["pods_ready", "rollout_complete", "restarts_stable", "job_succeeded", "node_ready"])
def test_a_target_that_isn_t_there_has_not_recovered(check: str) -> None:
    gone = API.model_copy(update={"name": "gone"})
    wanted = VerificationCheck(id=check)  # type: ignore[arg-type]
    assert not verify_checks([wanted], Watched(view("after"), gone, AFTER_ALL))[0].holds


def test_events_that_can_t_be_read_are_not_no_events() -> None:
    seen = view("after")
    blind = replace(
        seen, objects={k: v for k, v in seen.objects.items() if k != "Event"}, unreadable=frozenset(["Event"])
    )
    assert not holds(blind, "no_new_events", AFTER_ALL, reason="BackOff")


def test_an_alert_that_still_fires_is_not_cleared() -> None:
    wanted = VerificationCheck(id="alert_cleared")
    firing = Watched(view("after"), API, AFTER_ALL, frozenset({"alertmanager:KubePodCrashLooping"}))
    assert not verify_checks([wanted], firing)[0].holds
