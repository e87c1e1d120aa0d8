"""The watcher: what fails once isn't lost, one object that can't be read hides no other, and trouble is said once."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.runbooks.folder import load_runbooks
from engine.core.classification import RunbookIndex
from engine.core.errors import KindUnreadable, LedgerUnavailable
from engine.entrypoints.watcher import Watcher
from engine.ports import Ports
from tests.conftest import ROOT
from tests.fakes.ledger import MemoryLedger


class Followed:
    """A followed cluster of a few objects."""

    name = "prod"

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.objects, self.news, self.trouble = list(objects), [], {}

    def get(self, kind: str, namespace: str, name: str) -> None:
        return None

    def all(self, kind: str, namespace: str | None = None) -> list[dict[str, Any]]:
        if kind == "Node":
            raise KindUnreadable("403", where="nodes")
        return [one for one in self.objects if one["kind"] == kind]

    def changed(self, seconds: float) -> list[dict[str, Any]]:
        found, self.news = self.news, []
        return found

    def around(self, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return objects

    def troubles(self) -> dict[str, str]:
        return self.trouble


class Flaky(MemoryLedger):
    """A ledger that is away for a while."""

    away = False

    def run(self, work: Any) -> Any:
        if self.away:
            raise LedgerUnavailable("the disk is full")
        return super().run(work)


class Heard:
    """A watcher over some objects, and all it said."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.cluster, self.ledger = Followed(*objects), Flaky()
        self.said: list[str] = []
        self.incidents: list[Any] = []
        index = RunbookIndex(load_runbooks(ROOT / "runbooks", checked=False))
        ports = Ports(policy=None, ledger=self.ledger, cluster=self.cluster, runbooks=index)  # type: ignore[arg-type]
        self.watcher = Watcher(ports, self.cluster, self.said.append, self.incidents.append)

    def recorded(self) -> int:
        return len(self.ledger.run(lambda tx: tx.records(kind="signals")))

    def look(self) -> None:
        self.watcher._due = 0.0
        self.watcher.step()


def pod(name: str, reason: str = "CrashLoopBackOff") -> dict[str, Any]:
    waiting = {"name": "app", "image": "a:1", "restartCount": 3, "state": {"waiting": {"reason": reason}}}
    status = {"phase": "Running", "containerStatuses": [waiting] if reason else []}
    return {"kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "status": status}


def test_what_changes_is_observed_and_what_is_well_isn_t() -> None:
    heard = Heard()
    heard.look()
    heard.cluster.news = [pod("crashing"), pod("well", reason="")]
    heard.watcher.step()
    assert [one.root.name for one in heard.incidents] == ["crashing"]


def test_what_the_ledger_couldn_t_take_is_observed_when_it_can() -> None:
    heard = Heard(pod("crashing"))
    heard.cluster.news, heard.ledger.away = [pod("crashing")], True
    heard.look()
    assert heard.incidents == [] and heard.watcher.troubles["watch"].startswith("the disk is full")
    heard.look()
    assert len(heard.said) == 1
    heard.ledger.away = False
    heard.look()
    assert [one.root.name for one in heard.incidents] == ["crashing"]
    assert "watch" not in heard.watcher.troubles and heard.said[-1] == "watch: goes on again"


def test_an_object_that_can_t_be_understood_hides_no_other() -> None:
    garbled = {"kind": "Pod", "metadata": {"name": "garbled", "namespace": "shop"}, "status": {"conditions": 7}}
    heard = Heard(garbled, pod("crashing"))
    heard.look()
    assert [one.root.name for one in heard.incidents] == ["crashing"]
    assert "garbled" in heard.watcher.troubles["an object isn't understood"]
    heard.cluster.objects.pop(0)
    heard.look()
    assert heard.watcher.troubles == {}


def test_the_same_look_twice_counts_nothing_twice() -> None:
    heard = Heard(pod("crashing"))
    heard.look()
    heard.look()
    assert [one.occurrences for one in heard.incidents] == [1]


@pytest.mark.parametrize("trouble", [{"Pod": "403: forbidden"}])
def test_what_can_t_be_read_is_told_until_it_can(trouble: dict[str, str]) -> None:
    heard = Heard()
    heard.cluster.trouble = trouble
    heard.look()
    assert heard.watcher.troubles["cluster"] == "Pod: 403: forbidden"
    heard.cluster.trouble = {}
    heard.look()
    assert heard.watcher.troubles == {}


def test_trouble_is_said_when_it_begins_and_when_it_ends_and_not_at_the_next_look_at_everything() -> None:
    heard = Heard()
    heard.look()
    heard.cluster.trouble = {"Pod": "no answer"}
    heard.watcher.step()
    heard.cluster.trouble = {"Pod": "no answer", "Service": "no answer"}
    heard.watcher.step()
    assert heard.watcher.troubles == {"cluster": "Pod: no answer"}
    heard.cluster.trouble = {}
    heard.watcher.step()
    assert heard.watcher.troubles == {}
    assert heard.said == ["cluster: Pod: no answer", "cluster: goes on again"]


def test_the_record_holds_what_makes_a_difference_and_not_what_goes_on() -> None:
    again = {"kind": "Event", "type": "Warning", "reason": "BackOff", "message": "Back-off restarting", "count": 1}
    again |= {"metadata": {"name": "crashing.1", "namespace": "shop"}, "lastTimestamp": "2026-11-14T03:00:00Z"}
    again |= {"involvedObject": {"kind": "Pod", "namespace": "shop", "name": "crashing"}}
    heard = Heard(pod("crashing"), again)
    heard.look()
    before, first = heard.recorded(), heard.incidents[-1].occurrences
    assert before == 1
    for minute in range(1, 9):
        again |= {"count": 1 + minute, "lastTimestamp": f"2026-11-14T03:0{minute}:00Z"}
        heard.look()
    assert heard.incidents[-1].occurrences == first + 8 and heard.recorded() == before
    heard.cluster.objects.append(pod("another", "ImagePullBackOff"))
    heard.look()
    assert heard.recorded() == before + 1
