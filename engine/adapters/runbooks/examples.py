"""Recorded examples of a runbook: payloads that must be of its class, and near ones that must not."""

from __future__ import annotations

import re
from pathlib import Path

from engine.core import canonical
from engine.core.errors import BadInput
from engine.core.moment import format_instant, parse_instant, shift
from engine.usecases.check_runbooks import Example

FOLDER = "examples"
LIMIT = 262_144

_NAME = re.compile(r"(match|differ)-([a-z0-9][a-z0-9-]*)\.([a-z]+)\.json")
_SEEN = re.compile(
    rb'"(?:lastTimestamp|firstTimestamp|eventTime|lastObservedTime|creationTimestamp|lastTransitionTime|lastUpdateTime'
    rb'|startsAt|startedAt|finishedAt|updateTimestamp|at)": ?"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"'
)
_NOTHING_DATED = "2026-11-14T03:12:00Z"
_LATER_SECONDS = 60


def load_examples(folder: Path) -> list[Example]:
    """All examples below a folder of runbooks. Raises :class:`BadInput` for a name or content that can't be read."""
    found = []
    for file in sorted(folder.glob(f"*/{FOLDER}/*")):
        name = _NAME.fullmatch(file.name)
        if name is None:
            remedy = "Call it match-<what>.<source>.json or differ-<what>.<source>.json"
            raise BadInput("is not named as an example", where=str(file), remedy=remedy)
        data = file.read_bytes()
        found.append(
            Example(
                runbook=file.parent.parent.name,
                name=f"{name[1]}-{name[2]}",
                source=name[3],
                matches=name[1] == "match",
                payload=canonical.parse(data, where=str(file), limit=LIMIT),
                now=_now(data),
            )
        )
    return found


def _now(data: bytes) -> str:
    """A minute after the newest thing that the payload says it saw."""
    seen = [format_instant(parse_instant(found.decode())) for found in _SEEN.findall(data)]
    return shift(max(seen, default=_NOTHING_DATED), _LATER_SECONDS)
