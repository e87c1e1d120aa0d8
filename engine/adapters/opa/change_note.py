"""A candidate's change note: which flips its author meant, so that a replay can tell intent from accident."""

from __future__ import annotations

from pathlib import Path

from engine.adapters.opa.policy_data import read_data_file
from engine.core.errors import BadInput
from engine.core.flip import Acknowledgement

NOTE = "change-note.yaml"

_PLACE = ("class", "kind", "environment", "stage")
_FIELDS = {"because", "outcomes", "rule", *_PLACE}


def read_change_note(policies: Path) -> list[Acknowledgement]:
    """The lines of ``change-note.yaml`` in a policies folder; none without the file. Raises :class:`BadInput`."""
    file = policies / NOTE
    if not file.exists():
        return []
    lines = read_data_file(file).value.get("acknowledged")
    if not isinstance(lines, list):
        raise BadInput("has no list `acknowledged`", where=str(file), remedy="See docs/replay.md for its form")
    return [_line(line, f"{file} acknowledged[{number}]") for number, line in enumerate(lines)]


def _line(line: object, where: str) -> Acknowledgement:
    if not isinstance(line, dict) or not all(isinstance(value, str) for value in line.values()):
        raise BadInput("is not a set of words", where=where, remedy="See docs/replay.md for its form")
    unknown = sorted(set(line) - _FIELDS)
    if unknown:
        raise BadInput(f"unknown field {unknown[0]!r}", where=where, remedy=f"Use {', '.join(sorted(_FIELDS))}")
    if not line.get("because", "").strip():
        raise BadInput("doesn't say because of what", where=where, remedy="Give `because`, for whoever reviews it")
    if set(line) == {"because"}:
        raise BadInput("speaks of every flip", where=where, remedy="Say which: outcomes, rule, class, kind …")
    place = tuple((name, line[name]) for name in _PLACE if name in line)
    return Acknowledgement(line["because"], line.get("outcomes", ""), line.get("rule", ""), place)
