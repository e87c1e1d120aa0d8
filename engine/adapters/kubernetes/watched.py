"""A cluster that is followed all the time: what there is now is at hand, and what changed is handed over at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Condition, Event, Thread
from typing import Any

from engine.adapters.kubernetes.api import Api
from engine.adapters.kubernetes.following import Follower
from engine.adapters.kubernetes.live import resource_of
from engine.adapters.kubernetes.resources import RESOURCES
from engine.core.errors import KindUnreadable, NotFound

Object = dict[str, Any]

START_SECONDS = 30.0
LEAVE_SECONDS = 5.0
_DEPTH = 8


class WatchedCluster:
    """Follows every kind while it is entered, each in a thread of its own. It is a cluster to look at besides."""

    def __init__(self, api: Api, name: str, elapsed: Callable[[], float], kinds: Iterable[str] = RESOURCES) -> None:
        self.name = name
        self._api = api
        self._leaving = Event()
        self._pending: dict[tuple[str, str, str], Object] = {}
        self._news = Condition()
        self._followers = {kind: Follower(api, resource_of(kind), self._note, elapsed, self._leaving) for kind in kinds}
        self._threads = [
            Thread(target=follower.run, name=f"watch {kind}", daemon=True) for kind, follower in self._followers.items()
        ]

    def __enter__(self) -> WatchedCluster:
        """Begin, and wait until each kind was read or refused once."""
        for thread in self._threads:
            thread.start()
        for follower in self._followers.values():
            follower.looked.wait(START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        """End every watch."""
        self._leaving.set()
        for follower in self._followers.values():
            follower.stop()
        for thread in self._threads:
            thread.join(LEAVE_SECONDS)
        self._api.close()

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object, or ``None``. Raises :class:`NotFound` when it isn't known whether there is one."""
        return self._follower(kind).get(namespace, name)

    def all(self, kind: str, namespace: str | None = None) -> Sequence[Object]:
        """All objects of a kind as they are now. Raises :class:`NotFound` when that isn't known."""
        found = self._follower(kind).objects()
        return found if namespace is None else [o for o in found if o["metadata"].get("namespace", "") == namespace]

    def changed(self, seconds: float) -> list[Object]:
        """What is new or different since the last time, each object once; waits ``seconds`` for the first of it."""
        with self._news:
            self._news.wait_for(lambda: bool(self._pending) or self._leaving.is_set(), timeout=seconds)
            found = list(self._pending.values())
            self._pending.clear()
        return found

    def around(self, objects: Iterable[Object]) -> list[Object]:
        """These objects, what Events among them are about, and whose they are, up to the topmost owner."""
        found: dict[tuple[str, str, str], Object] = {}
        for obj in objects:
            self._climb(obj, found)
            about = obj.get("involvedObject") if obj.get("kind") == "Event" else None
            if isinstance(about, dict):
                namespace = str(obj["metadata"].get("namespace", ""))
                self._climb(self._find(str(about.get("kind")), namespace, str(about.get("name"))), found)
        return list(found.values())

    def troubles(self) -> Mapping[str, str]:
        """What isn't known of the cluster now, and why, by kind; a kind that isn't installed is no trouble."""
        found = {kind: follower.lasting() for kind, follower in self._followers.items()}
        return {kind: str(said) for kind, said in found.items() if said and "the cluster has no" not in said.message}

    def requests(self) -> int:
        """How many lists and watches were asked for so far."""
        return sum(follower.requests for follower in self._followers.values())

    def _climb(self, obj: Object | None, found: dict[tuple[str, str, str], Object]) -> None:
        for _ in range(_DEPTH):
            if obj is None or _place(obj) in found:
                return
            found[_place(obj)] = obj
            owners = obj["metadata"].get("ownerReferences") or ()
            owner = next((one for one in owners if isinstance(one, dict) and one.get("controller")), None)
            if owner is None:
                return
            obj = self._find(str(owner.get("kind")), str(obj["metadata"].get("namespace", "")), str(owner.get("name")))

    def _find(self, kind: str, namespace: str, name: str) -> Object | None:
        try:
            return self.get(kind, namespace if resource_of(kind).namespaced else "", name)
        except NotFound:
            return None

    def _follower(self, kind: str) -> Follower:
        found = self._followers.get(kind)
        if found is None:
            raise KindUnreadable(f"{kind} is not a kind that the gate follows", where=kind)
        return found

    def _note(self, obj: Object) -> None:
        with self._news:
            self._pending[_place(obj)] = obj
            self._news.notify_all()


def _place(obj: Object) -> tuple[str, str, str]:
    return str(obj["kind"]), str(obj["metadata"].get("namespace", "")), str(obj["metadata"]["name"])
