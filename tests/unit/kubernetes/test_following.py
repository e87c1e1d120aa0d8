"""Following one kind through everything an API server does to a watch: nothing is lost, and nobody is burdened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from kubernetes.client import Configuration

from engine.adapters.kubernetes.api import Api
from engine.adapters.kubernetes.following import HICCUP_SECONDS, SILENCE_SECONDS, Follower
from engine.adapters.kubernetes.resources import RESOURCES
from engine.core.errors import ClusterUnreachable, KindUnreadable
from tests.fakes.api_server import Answer, answering

FORBIDDEN = Answer(403, {"kind": "Status", "message": "pods is forbidden"})
GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old resource version"}}


class Steps(Event):
    """A wish to leave that comes true after some steps; waiting takes no time but is counted."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left, self.waited = steps, 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        self.waited += timeout or 0.0
        if self.left <= 0:
            self.set()
        return self.is_set()


@dataclass
class Followed:
    follower: Follower
    asked: list[dict[str, str]]
    changed: list[str]
    leaving: Steps
    clock: list[float] = field(default_factory=lambda: [0.0])

    def names(self) -> list[str]:
        return [obj["metadata"]["name"] for obj in self.follower.objects()]


def follow(*answers: Answer, steps: int) -> Followed:
    changed: list[str] = []
    clock = [0.0]

    def elapsed() -> float:
        clock[0] += 0.1
        return clock[0]

    with answering(*answers) as server:
        configuration = Configuration()
        configuration.host = server.url
        leaving = Steps(steps)
        note = lambda obj: changed.append(f"{obj['metadata']['name']}@{obj['metadata']['resourceVersion']}")  # noqa: E731
        follower = Follower(Api(configuration), RESOURCES["Pod"], note, elapsed, leaving)
        follower.run()
        return Followed(follower, server.asked, changed, leaving, clock)


def pod(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "resourceVersion": str(version), "managedFields": [{}]}}


def listed(version: int, *pods: dict[str, Any]) -> Answer:
    return Answer(document={"metadata": {"resourceVersion": str(version)}, "items": list(pods)})


def said(kind: str, obj: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "object": obj}


def watches(found: Followed) -> list[str]:
    return [query["resourceVersion"] for query in found.asked if "watch" in query]


def lists(found: Followed) -> int:
    return sum("watch" not in query for query in found.asked)


def test_what_is_listed_and_what_comes_is_there_once() -> None:
    events = [said("ADDED", pod("b", 11)), said("MODIFIED", pod("a", 12)), said("DELETED", pod("b", 13))]
    found = follow(listed(10, pod("a", 5)), Answer(events=events), steps=1)
    assert found.names() == ["a"]
    assert found.changed == ["a@5", "b@11", "a@12"]
    assert "managedFields" not in found.follower.objects()[0]["metadata"]


def test_a_watch_that_ends_goes_on_where_it_was_without_a_list() -> None:
    bookmark = said("BOOKMARK", {"metadata": {"resourceVersion": "40"}})
    found = follow(listed(10), Answer(events=[said("ADDED", pod("a", 11))]), Answer(events=[bookmark]), steps=3)
    assert watches(found) == ["10", "11", "40"]
    assert lists(found) == 1
    assert all(query["allowWatchBookmarks"] == "true" for query in found.asked if "watch" in query)


def test_a_watch_that_is_cut_loses_nothing_and_goes_on_soon() -> None:
    cut = Answer(events=[said("ADDED", pod("a", 11))], cut=True)
    found = follow(listed(10), cut, Answer(events=[said("ADDED", pod("b", 12))]), steps=1)
    assert found.leaving.waited < 1
    assert found.changed == ["a@11"]
    found = follow(listed(10), cut, Answer(events=[said("ADDED", pod("b", 12))]), steps=2)
    assert watches(found) == ["10", "11"]
    assert found.changed == ["a@11", "b@12"]


@pytest.mark.parametrize("gone", [Answer(events=[GONE]), Answer(410, {"message": "too old"})], ids=["event", "answer"])
def test_a_version_that_is_gone_is_listed_anew_at_once_and_only_news_is_told(gone: Answer) -> None:
    found = follow(listed(10, pod("a", 5), pod("b", 6)), gone, listed(50, pod("a", 5), pod("c", 44)), Answer(), steps=2)
    assert lists(found) == 2 and watches(found) == ["10", "50"]
    assert found.changed == ["a@5", "b@6", "c@44"]
    assert found.names() == ["a", "c"]


def test_a_server_whose_versions_are_always_gone_isn_t_hammered() -> None:
    found = follow(*(Answer(410, {"message": "too old"}),), steps=12)
    assert len(found.asked) < found.leaving.waited * 3


@pytest.mark.parametrize("before", [(), (listed(10, pod("a", 5)),)], ids=["list", "watch"])
def test_a_watch_that_is_forbidden_stays_under_one_request_a_second(before: tuple[Answer, ...]) -> None:
    found = follow(*before, FORBIDDEN, steps=30)
    assert len(found.asked) - len(before) == 30
    assert found.leaving.waited > 30
    with pytest.raises(KindUnreadable, match="pods is forbidden"):
        found.follower.objects()


def test_a_role_that_comes_back_is_used() -> None:
    found = follow(FORBIDDEN, listed(10, pod("a", 5)), Answer(), steps=2)
    assert found.names() == ["a"] and found.follower.trouble is None


def test_a_server_that_ends_each_watch_at_once_isn_t_hammered() -> None:
    found = follow(listed(10), Answer(), steps=20)
    assert found.leaving.waited > 20


def test_what_was_known_isn_t_taken_for_true_for_long_after_the_server_fell_silent() -> None:
    found = follow(listed(10, pod("a", 5)), Answer(500, {"message": "etcd"}), steps=2)
    assert found.names() == ["a"]
    found.clock[0] += SILENCE_SECONDS
    with pytest.raises(ClusterUnreachable, match="500"):
        found.follower.objects()


def test_a_silence_is_told_once_it_lasts_and_a_refusal_at_once() -> None:
    found = follow(listed(10, pod("a", 5)), Answer(500, {"message": "etcd"}), steps=2)
    assert found.follower.lasting() is None
    found.clock[0] += HICCUP_SECONDS
    assert isinstance(found.follower.lasting(), ClusterUnreachable)
    assert isinstance(follow(FORBIDDEN, steps=1).follower.lasting(), KindUnreadable)


def test_a_server_that_is_away_is_asked_again_within_seconds_of_coming_back() -> None:
    assert follow(Answer(500, {"message": "etcd"}), steps=30).leaving.waited < 30 * 15 * 1.25


def test_nothing_is_known_before_it_was_read() -> None:
    with answering(listed(1)) as server:
        configuration = Configuration()
        configuration.host = server.url
        follower = Follower(Api(configuration), RESOURCES["Pod"], lambda _: None, lambda: 0.0, Event())
        with pytest.raises(KindUnreadable, match="hasn't been read yet"):
            follower.objects()


def garbled() -> Iterator[Answer]:
    yield Answer(document=[])
    yield Answer(document={"items": 5})
    yield Answer(document={"metadata": {}, "items": []})
    yield Answer(document={"metadata": {"resourceVersion": "1"}, "items": [{"metadata": {}}]})
    yield Answer(document={"metadata": {"resourceVersion": "1"}, "items": ["pod"]})


@pytest.mark.parametrize("answer", list(garbled()))
def test_an_answer_that_is_no_list_is_not_an_empty_cluster(answer: Answer) -> None:
    found = follow(answer, steps=1)
    with pytest.raises(ClusterUnreachable):
        found.follower.objects()
    assert found.changed == []


@pytest.mark.parametrize("event", [{"type": "ADDED"}, {"type": "NEWS", "object": pod("x", 11)}, 7])
def test_an_event_that_isn_t_understood_ends_the_watch_and_changes_nothing(event: Any) -> None:
    found = follow(listed(10, pod("a", 5)), Answer(events=[event]), steps=1)
    assert isinstance(found.follower.trouble, ClusterUnreachable)
    assert found.names() == ["a"] and found.changed == ["a@5"]
