"""A live cluster asked when somebody wants to know, for commands that look once and end.

Whatever was read is good for a moment, so that signals and facts of one command are of one reading; it isn't good
for longer, because a decision on an old look is a decision on another cluster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from engine.adapters.kubernetes.api import Api
from engine.adapters.kubernetes.listing import read_all, trimmed
from engine.adapters.kubernetes.resources import RESOURCES, Resource
from engine.core.errors import ClusterUnreachable, KindUnreadable, NotFound

KEPT_SECONDS = 2.0
_NAME = re.compile(r"[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?")

Look = Sequence[dict[str, Any]] | NotFound


class LiveCluster:
    """One cluster through its API, read-only. ``elapsed`` gives seconds from any beginning, and never goes back."""

    def __init__(self, api: Api, name: str, elapsed: Callable[[], float]) -> None:
        self._api = api
        self.name = name
        self._elapsed = elapsed
        self._looks: dict[str, tuple[float, Look]] = {}
        self._down: tuple[float, ClusterUnreachable] | None = None

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """One object, or ``None`` when the API says there is none. Raises :class:`NotFound` when it can't be read."""
        resource = resource_of(kind)
        if not _NAME.fullmatch(name) or (namespace and not _NAME.fullmatch(namespace)):
            return None
        if resource.namespaced and not namespace:
            return None
        self._heed_silence()
        try:
            return trimmed(self._api.get(resource.path(namespace, name)), resource)
        except (KindUnreadable, ClusterUnreachable):
            raise
        except NotFound:
            return None

    def all(self, kind: str, namespace: str | None = None) -> Sequence[dict[str, Any]]:
        """All objects of a kind. Raises :class:`NotFound` when they can't be read."""
        resource, now = resource_of(kind), self._elapsed()
        read_at, found = self._looks.get(kind, (now - KEPT_SECONDS, ()))
        if now - read_at >= KEPT_SECONDS:
            found = self._look(resource)
            self._looks[kind] = (self._elapsed(), found)
        if isinstance(found, NotFound):
            raise found
        return found if namespace is None else [o for o in found if o["metadata"].get("namespace", "") == namespace]

    def _look(self, resource: Resource) -> Look:
        try:
            self._heed_silence()
            return read_all(self._api, resource).objects
        except ClusterUnreachable as error:
            self._down = (self._elapsed(), error)
            return error
        except NotFound as error:
            return error

    def _heed_silence(self) -> None:
        """A server that didn't answer a moment ago isn't waited for again, kind after kind."""
        if self._down is not None and self._elapsed() - self._down[0] < KEPT_SECONDS:
            raise self._down[1]


def resource_of(kind: str) -> Resource:
    """Where a kind is. Raises :class:`KindUnreadable` for one the gate doesn't ask for, Secrets first of all."""
    found = RESOURCES.get(kind)
    if found is None:
        raise KindUnreadable(f"{kind} is not a kind that the gate reads", where=kind)
    return found
