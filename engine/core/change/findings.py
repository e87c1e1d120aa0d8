"""What a scanner found in a change, and how grave that is: policy data says so, since scanners don't know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.errors import UnfitBundle
from engine.core.input_document import Finding

_SEVERITIES = ("info", "warning", "error", "critical")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_./:-]")
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Found:
    """One failed check: who says so, the check's id, the field or resource, and whether the change brings it in.

    ``line`` is where that begins in its file; 0 where it is about no file.
    """

    source: str
    check: str
    place: str
    is_new: bool
    line: int = 0

    @property
    def named(self) -> str:
        """The check and what it is about, in plain characters: an object's own keys are part of a field."""
        return _NOT_PLAIN.sub("_", f"{self.check}:{self.place}" if self.place else self.check)[:_LONGEST]


def as_findings(found: Iterable[Found], scanning: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Findings as the input document has them, each with the severity that the data topic ``scanning`` gives it.

    A check that it doesn't name has the severity ``unknown``. Raises :class:`UnfitBundle` where it names no severity.
    """
    severities, unknown = scanning.get("severities"), scanning.get("unknown")
    if not isinstance(severities, Mapping) or not {unknown, *map(str, severities.values())} <= set(_SEVERITIES):
        problem, remedy = "scanning.severities and scanning.unknown aren't severities", "Run penstock policy check"
        raise UnfitBundle(problem, where="policy data", remedy=remedy)
    return tuple(
        Finding(
            source=one.source,
            check=one.named,
            severity=severities.get(one.check, unknown),
            is_new=one.is_new,
            line=one.line or None,
        )
        for one in found
    )
