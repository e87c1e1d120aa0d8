"""Following one kind: a list, then a watch from there, and back to the list only when the server says it must be.

A watch ends for many reasons and each has its own answer. Its version is gone: list again, at once the first time. It
was cut: go on from the last version, a moment later. It isn't allowed: ask again seldom, because a gate that lost a
role must not burden the API server. Waits grow and are jittered, so that many gates don't ask at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from engine.adapters.kubernetes.api import Api, Stream
from engine.adapters.kubernetes.listing import read_all, trimmed
from engine.adapters.kubernetes.resources import Resource
from engine.adapters.kubernetes.sharing import Sharing
from engine.core.errors import ClusterUnreachable, KindUnreadable, NotFound, VersionGone
from engine.core.untrusted import one_line

Object = dict[str, Any]

WATCH_SECONDS = (240, 360)
HELD_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
LONGEST_SILENT_WAIT_SECONDS = 15.0
HICCUP_SECONDS = 5.0
SILENCE_SECONDS = 30.0
MOST_EVENTS = 10_000


@dataclass
class Follower:
    """All objects of one kind as they are now. ``changed`` is told of each new or changed one, from its thread."""

    api: Api
    resource: Resource
    changed: Callable[[Object], None]
    elapsed: Callable[[], float]
    leaving: Event
    trouble: NotFound | None = None
    looked: Event = field(default_factory=Event)
    requests: int = 0
    _objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    _version: str = ""
    _synced: bool = False
    _silent_since: float | None = None
    _failures: int = 0
    _stream: Stream | None = None
    _sharing: Sharing = field(default_factory=Sharing)
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> None:
        """Follow until ``leaving`` is set."""
        while not self.leaving.is_set():
            self.leaving.wait(self._step())

    def stop(self) -> None:
        """End the watch that is under way."""
        if self._stream is not None:
            self._stream.stop()

    def objects(self) -> list[Object]:
        """What there is. Raises :class:`NotFound` where that isn't known, or not any more."""
        self._known()
        with self._lock:
            return list(self._objects.values())

    def get(self, namespace: str, name: str) -> Object | None:
        """One of them."""
        self._known()
        return self._objects.get((namespace, name))

    def lasting(self) -> NotFound | None:
        """The trouble it has, but for a watch that was cut a moment ago and is asked for anew."""
        hiccup = isinstance(self.trouble, ClusterUnreachable) and self._silent() < HICCUP_SECONDS
        return None if hiccup else self.trouble

    def _silent(self) -> float:
        return 0.0 if self._silent_since is None else self.elapsed() - self._silent_since

    def _known(self) -> None:
        if isinstance(self.trouble, KindUnreadable) or (self.trouble and self._silent() > SILENCE_SECONDS):
            raise self.trouble
        if not self._synced:
            raise self.trouble or KindUnreadable(
                f"{self.resource.kind} hasn't been read yet", where=self.resource.path()
            )

    def _step(self) -> float:
        """One list or watch, and how many seconds to wait afterwards."""
        began = self.elapsed()
        try:
            if not self._version:
                self._list()
            heard = self._watch()
        except VersionGone:
            self._version = ""
            self._failures += 1
            return 0.0 if self._failures == 1 else self._backoff()
        except NotFound as error:
            self._failures += 1
            self._fail(error)
            cut = isinstance(error, ClusterUnreachable) and self._failures == 1
            return _moment() if cut else self._backoff()
        finally:
            self.looked.set()
        if heard or self.elapsed() - began >= HELD_SECONDS:
            self._failures = 0
            return _moment()
        self._failures += 1
        return self._backoff()

    def _backoff(self) -> float:
        """A server that is away comes back to everybody at once, so it is asked more often than one that says no."""
        away = isinstance(self.trouble, ClusterUnreachable)
        wait = min(LONGEST_SILENT_WAIT_SECONDS if away else LONGEST_WAIT_SECONDS, 2.0 ** min(self._failures, 6))
        return wait * random.uniform(0.75, 1.25)  # noqa: S311  spreads, guards nothing

    def _list(self) -> None:
        self.requests += 1
        listing = read_all(self.api, self.resource, sharing=self._sharing)
        if not listing.version:
            raise ClusterUnreachable("a list has no version", where=self.resource.path())
        fresh = {_place(obj): obj for obj in listing.objects}
        with self._lock:
            before, self._objects, self._version = self._objects, fresh, listing.version
        self._answered()
        self._synced = True
        self.looked.set()
        for place, obj in fresh.items():
            if place not in before or _version_of(before[place]) != _version_of(obj):
                self.changed(obj)

    def _watch(self) -> bool:
        """Whether the watch said anything before it ended."""
        seconds = random.randint(*WATCH_SECONDS)  # noqa: S311  spreads, guards nothing
        query = {"watch": "1", "allowWatchBookmarks": "true", "resourceVersion": self._version}
        self.requests += 1
        self._stream = self.api.stream(self.resource.path(), {**query, "timeoutSeconds": str(seconds)})
        self._answered()
        heard = False
        for event in self._stream:
            if self.leaving.is_set():
                break
            self._take(event)
            heard, self._failures = True, 0
        return heard

    def _take(self, event: Mapping[str, Any]) -> None:
        kind, said = event.get("type"), event.get("object")
        if kind == "ERROR" or not isinstance(said, dict):
            raise self._error(said if isinstance(said, dict) else {})
        if kind == "BOOKMARK":
            self._version = _version_of(said) or self._version
            return
        if kind not in ("ADDED", "MODIFIED", "DELETED"):
            raise ClusterUnreachable(f"{one_line(str(kind))} is no event of a watch", where=self.resource.path())
        obj = self._sharing.share(trimmed(said, self.resource))
        with self._lock:
            self._objects.pop(_place(obj), None)
            if kind != "DELETED":
                self._objects[_place(obj)] = obj
            if self.resource.kind == "Event" and len(self._objects) > MOST_EVENTS:
                self._objects.pop(next(iter(self._objects)))
        self._version = _version_of(obj) or self._version
        if kind != "DELETED":
            self.changed(obj)

    def _error(self, said: Mapping[str, Any]) -> NotFound:
        text = one_line(str(said.get("message") or "the watch failed"))
        family = VersionGone if said.get("code") == 410 else ClusterUnreachable
        return family(text, where=self.resource.path())

    def _answered(self) -> None:
        self.trouble, self._silent_since = None, None

    def _fail(self, error: NotFound) -> None:
        self.trouble = error
        if self._silent_since is None:
            self._silent_since = self.elapsed()


def _moment() -> float:
    return random.uniform(0.05, 0.4)  # noqa: S311  spreads, guards nothing


def _place(obj: Object) -> tuple[str, str]:
    return str(obj["metadata"].get("namespace", "")), str(obj["metadata"]["name"])


def _version_of(obj: Mapping[str, Any]) -> str:
    return str((obj.get("metadata") or {}).get("resourceVersion") or "")
