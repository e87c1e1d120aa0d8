"""A cluster that isn't looked at, for what isn't about one. Nothing of it can be read, which isn't "there is none"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.errors import NotFound


class UnseenCluster:
    """A name and nothing more."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """Raises :class:`NotFound`: it isn't known whether there is one."""
        raise NotFound(f"{kind} {namespace}/{name} can't be looked at", where=self.name, remedy="Give --snapshot DIR")

    def all(self, kind: str, namespace: str | None = None) -> Sequence[dict[str, Any]]:
        """Raises :class:`NotFound` for every kind."""
        place = f" in {namespace}" if namespace else ""
        raise NotFound(f"{kind}{place} can't be looked at", where=self.name, remedy="Give --snapshot DIR")
