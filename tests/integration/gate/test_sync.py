"""After the merge: nothing is judged before the cluster has the commit, and a commit that doesn't arrive is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.core.change.model import FileEdit
from engine.core.errors import ClusterUnreachable, ForgeUnreachable, KindUnreadable, NotFound
from engine.usecases.verify import verify
from tests.conftest import RECORDING
from tests.integration.gate.test_verify import merged, proposals

LATER = "2026-11-14T03:30:00Z"
RESOURCE = {"kind": "Deployment", "namespace": "payments", "name": "payments-api"}


@dataclass
class Delivery:
    """A gate with a merged rollback, looking at a cluster that recovered, and what its Application says."""

    desk: Any
    folder: Path
    state: Any

    def say(self, revision: str, *, status: str = "Synced", health: str = "Healthy", name: str = "payments") -> None:
        """Argo CD writes its Application's status."""
        state = {"sync": {"status": status, "revision": revision}, "health": {"status": health}}
        self.write([{"metadata": {"name": name, "namespace": "argocd"}, "status": state}])

    def write(self, applications: list[Any]) -> None:
        (self.folder / "applications.json").write_text(json.dumps({"items": applications}))

    def look(self, minute: int) -> Any:
        """Verify at a minute of the morning."""
        ports = wiring.looking_at(self.desk.gate, self.folder).ports
        return verify(ports, self.state.id, now=f"2026-11-14T{3 + minute // 60:02}:{minute % 60:02}:00Z")[0]

    @property
    def said(self) -> list[Any]:
        """What was recorded of looking."""
        return [record.body for record in self.desk.records("verification")]


@pytest.fixture
def delivery(desk: Any, tmp_path: Path) -> Delivery:
    folder = tmp_path / "cluster"
    shutil.copytree(RECORDING / "after", folder)
    return Delivery(desk, folder, merged(desk))


def test_who_applies_the_target_is_known_from_git(delivery: Delivery) -> None:
    assert delivery.state.applied_by == "Application argocd/payments"


def test_the_soak_begins_when_the_commit_is_in_the_cluster_and_not_at_the_merge(delivery: Delivery) -> None:
    delivery.say("0" * 40)
    assert delivery.look(30).status == delivery.look(33).status == "verifying"
    assert delivery.said[-1]["passing_since"] == delivery.said[-1]["synced_at"] == ""
    delivery.say(delivery.state.merge_commit)
    assert delivery.look(34).synced_at == "2026-11-14T03:34:00Z"
    assert delivery.look(35).status == "verifying"
    assert delivery.look(36).status == "succeeded"


def test_a_later_commit_on_the_branch_holds_the_merged_one(delivery: Delivery) -> None:
    repository: Any = delivery.desk.gate.ports.repository
    at = {"message": "Later", "author": "Somebody <s@example.com>", "at": LATER}
    later = repository.commit(delivery.state.merge_commit, [FileEdit("NOTES.md", None, b"x\n")], **at)
    delivery.say(later)
    assert delivery.look(30).synced_at


@pytest.mark.parametrize("forge", ["answers", "is away"])
def test_a_commit_that_somebody_pushed_a_moment_ago_is_fetched_before_it_is_no_sync(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch, forge: str
) -> None:
    repository: Any = delivery.desk.gate.ports.repository
    merge_base, head, fetched = repository.merge_base, repository.head, []

    def fetching(branch: str) -> str:
        if forge == "is away":
            raise ForgeUnreachable("it doesn't answer", where="forge")
        fetched.append(branch)
        return str(head(branch))

    def known(commit: str, revision: str) -> str:
        if revision == "f" * 40 and not fetched:
            raise NotFound("no such commit", where=revision)
        return str(merge_base(commit, commit if revision == "f" * 40 else revision))

    monkeypatch.setattr(repository, "head", fetching)
    monkeypatch.setattr(repository, "merge_base", known)
    delivery.say("f" * 40)
    assert bool(delivery.look(30).synced_at) is (forge == "answers")


@pytest.mark.parametrize("applied", ["OutOfSync", "Unknown"])
def test_a_commit_that_is_known_and_not_applied_is_no_sync(delivery: Delivery, applied: str) -> None:
    delivery.say(delivery.state.merge_commit, status=applied)
    assert delivery.look(30).synced_at == ""


def test_an_application_that_isn_t_healthy_holds_success_back(delivery: Delivery) -> None:
    delivery.say(delivery.state.merge_commit, health="Progressing")
    assert delivery.look(30).passing_since == "" and delivery.look(33).status == "verifying"
    delivery.say(delivery.state.merge_commit, health="Degraded")
    failed = delivery.look(40)
    assert failed.status == "failed" and "Synced and Degraded" in failed.note


def test_what_doesn_t_arrive_in_time_is_its_own_state_and_nothing_is_undone(delivery: Delivery) -> None:
    delivery.say("0" * 40, status="OutOfSync")
    late = delivery.look(40)
    assert late.status == "not_synced"
    assert late.note.startswith("not applied 900 s after the merge: Application argocd/payments is OutOfSync")
    assert [each["event"] for each in delivery.desk.told()].count("not_synced") == 1
    assert [each["status"] for each in proposals(delivery.desk)] == ["not_synced"]
    before = len(delivery.said)
    assert delivery.look(50).status == "not_synced" and len(delivery.said) == before
    assert [each["event"] for each in delivery.desk.told()].count("not_synced") == 1


def test_what_arrives_late_is_verified_all_the_same(delivery: Delivery) -> None:
    delivery.say("0" * 40)
    assert delivery.look(40).status == "not_synced"
    delivery.say(delivery.state.merge_commit)
    back = delivery.look(90)
    assert (back.status, back.note) == ("verifying", "")
    assert delivery.look(92).status == "succeeded"
    assert len(delivery.desk.records("status_change")) == 1


@pytest.mark.parametrize(
    ("applications", "why"),
    [
        ([], "the cluster has none of this name"),
        ([{"metadata": {"name": "payments", "namespace": "elsewhere"}}], "the cluster has none of this name"),
        ([{"metadata": {"name": "payments", "namespace": "argocd"}}] * 2, "there are several of this name"),
        ([{"metadata": {"name": "payments", "namespace": "argocd"}}], "at no commit"),
    ],
)
def test_an_applier_that_can_t_be_asked_is_no_sync_and_says_why(
    delivery: Delivery, applications: list[Any], why: str
) -> None:
    delivery.write(applications)
    assert delivery.look(30).synced_at == ""
    assert why in delivery.said[-1]["checks"][0]["sentence"]


@pytest.mark.parametrize("error", [KindUnreadable("the cluster has no Application"), ClusterUnreachable("no answer")])
def test_a_cluster_that_doesn_t_show_its_applications_is_no_sync(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch, error: NotFound
) -> None:
    from engine.adapters.kubernetes.snapshot import SnapshotCluster

    shown = SnapshotCluster.all
    monkeypatch.setattr(SnapshotCluster, "all", hiding(shown, "Application", error))
    assert delivery.look(30).synced_at == ""
    assert error.message in delivery.said[-1]["checks"][0]["sentence"]


def test_a_recording_has_nobody_to_ask_and_its_checks_speak_alone(delivery: Delivery) -> None:
    assert delivery.look(30).synced_at == delivery.state.merged_at
    assert delivery.look(32).status == "succeeded"


def test_a_cluster_that_can_t_be_looked_at_neither_helps_nor_harms(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.adapters.kubernetes.snapshot import SnapshotCluster

    delivery.say(delivery.state.merge_commit)
    assert delivery.look(30).passing_since
    with monkeypatch.context() as patched:
        patched.setattr(SnapshotCluster, "all", hiding(SnapshotCluster.all, "Pod", ClusterUnreachable("no answer")))
        with pytest.raises(KindUnreadable, match="Pod can't be read"):
            delivery.look(120)
    assert [each["status"] for each in proposals(delivery.desk)] == ["verifying"]
    assert delivery.look(121).status == "verifying"
    assert delivery.look(123).status == "succeeded"


def hiding(shown: Callable[..., Any], kind: str, error: NotFound) -> Callable[..., Any]:
    """The cluster's answer, but for one kind."""

    def all_(self: Any, asked: str, namespace: str | None = None) -> Any:
        if asked == kind:
            raise type(error)(error.message)
        return shown(self, asked, namespace)

    return all_
