"""What of a drift is noise, and whether the rest is put back or written down: the data topic ``drift`` says so.

The first line that fits a field counts. What no line names is put back, because Git is what people reviewed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.core.drift.difference import Difference
from engine.core.errors import UnfitBundle
from engine.core.signal import ObjectReference


@dataclass(frozen=True, slots=True)
class Judged:
    """One object's differences, parted: ``noise`` with why it is none, what to write into Git, what to put back."""

    noise: tuple[tuple[Difference, str], ...]
    codify: tuple[Difference, ...]
    revert: tuple[Difference, ...]

    @property
    def drifted(self) -> tuple[Difference, ...]:
        """What is drift."""
        return (*self.codify, *self.revert)


def judge(about: ObjectReference, found: Iterable[Difference], topic: Mapping[str, Any], *, autoscaled: bool) -> Judged:
    """The differences of an object, judged by the data topic ``drift``. Raises :class:`UnfitBundle`."""
    noise: list[tuple[Difference, str]] = []
    codify: list[Difference] = []
    revert: list[Difference] = []
    for one in found:
        excused = (line for line in _lines(topic, "noise") if _fits(line, about, one, autoscaled))
        because = next((str(line["because"]) for line in excused), "")
        if because:
            noise.append((one, because))
        elif any(_fits(line, about, one, autoscaled) for line in _lines(topic, "codify")):
            codify.append(one)
        else:
            revert.append(one)
    return Judged(tuple(noise), tuple(codify), tuple(revert))


def _lines(topic: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    lines = topic.get(name)
    if not isinstance(lines, Mapping) or not all(_fit_line(line) for line in lines.values()):
        problem = f"drift.{name} has a line without kinds, fields and because"
        raise UnfitBundle(problem, where="policy data", remedy="Run penstock policy check")
    return lines.values()


def _fit_line(line: Any) -> bool:
    if not isinstance(line, Mapping) or not isinstance(line.get("because"), str) or not line["because"]:
        return False
    lists = [line.get("kinds"), line.get("fields"), line.get("managers", [])]
    return all(isinstance(one, list) and all(isinstance(word, str) for word in one) for one in lists)


def _fits(line: Mapping[str, Any], about: ObjectReference, one: Difference, autoscaled: bool) -> bool:
    managers = line.get("managers")
    return (
        (about.kind in line["kinds"] or "*" in line["kinds"])
        and any(_pattern(field).fullmatch(one.path) for field in line["fields"])
        and (not line.get("autoscaled") or autoscaled)
        and (managers is None or (one.holder is not None and one.holder.manager in managers))
    )


@lru_cache(maxsize=256)
def _pattern(field: str) -> re.Pattern[str]:
    """A field's path in which ``*`` stands for anything."""
    return re.compile(".*".join(re.escape(part) for part in field.split("*")))
