"""A cluster that is asked and stores nothing: it takes every object, or says what a test wrote down."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.errors import DryRunRefused, DryRunUntried


@dataclass
class FakeDryRun:
    """Objects by kind, namespace and name; ``refusal`` and ``silence`` are what asking comes to where they are set."""

    objects: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    refusal: str = ""
    silence: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    asked_away: list[dict[str, Any]] = field(default_factory=list)

    def live(self, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object as it is."""
        self._answer()
        return copy.deepcopy(self.objects.get(place(manifest)))

    def apply(self, manifest: Mapping[str, Any], manager: str = "") -> dict[str, Any]:
        """The live object with what the manifest declares laid over it."""
        self.asked.append(dict(manifest))
        self._answer()
        return dict(laid_over(copy.deepcopy(self.objects.get(place(manifest), {})), manifest))

    def remove(self, manifest: Mapping[str, Any]) -> None:
        """Whether the object may go."""
        self.asked_away.append(dict(manifest))
        self._answer()

    def _answer(self) -> None:
        if self.silence:
            raise DryRunUntried(self.silence)
        if self.refusal:
            raise DryRunRefused(self.refusal)


def place(obj: Mapping[str, Any]) -> tuple[str, str, str]:
    """Where an object is kept."""
    return str(obj["kind"]), str(obj["metadata"].get("namespace", "")), str(obj["metadata"]["name"])


def laid_over(under: Any, over: Any) -> Any:
    """Maps merged, lists of named things merged by name, everything else replaced: what applying does."""
    if isinstance(under, dict) and isinstance(over, Mapping):
        return {**under, **{key: laid_over(under.get(key), value) for key, value in over.items()}}
    if isinstance(under, list) and isinstance(over, list) and all("name" in one for one in (*under, *over)):
        named = {one["name"]: one for one in under}
        laid = {one["name"]: laid_over(named.get(one["name"]), one) for one in over}
        return [laid.get(name, one) for name, one in {**named, **laid}.items()]
    return copy.deepcopy(over)
