"""What a decided change was to make of its target, field by field, so that what is applied can be held against it.

Only the fields that the action touched are held: everything else in the object is not the gate's to keep. A write is
held for what it changes itself, in the API server's spelling of it: defaults that were filled in beside a value and
another way to write the same quantity are no departure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.core.action.bounds import amount
from engine.core.change.fields import ABSENT, Item, Path, differences, find, same, show

MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it was decided; :data:`ABSENT` says that it was to go."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Intended:
    """What one proposal was to make of its target."""

    proposal: str
    fields: tuple[Field, ...]

    def as_document(self) -> dict[str, Any]:
        """Plain JSON, as the ledger keeps it."""
        fields = [
            {"path": [_written(step) for step in field.path]}
            | ({} if field.value is ABSENT else {"value": field.value})
            for field in self.fields
        ]
        return {"proposal": self.proposal, "fields": fields}


@dataclass(frozen=True, slots=True)
class Departure:
    """A field that a write sets to something else than the proposal's decision was about."""

    proposal: str
    path: Path

    def __str__(self) -> str:
        return show(self.path)


def intended_of(proposal: str, before: Any, after: Any) -> Intended:
    """The fields in which the target as Git rendered it before and after differ."""
    found = list(differences(before, after))[:MOST_FIELDS]
    return Intended(proposal, tuple(Field(one.path, one.after) for one in found))


def read_intended(document: Mapping[str, Any]) -> Intended:
    """What :meth:`Intended.as_document` wrote."""
    fields = (Field(tuple(_read(step) for step in f["path"]), f.get("value", ABSENT)) for f in document["fields"])
    return Intended(document["proposal"], tuple(fields))


def departures(merged: Sequence[Intended], before: Any, after: Any) -> list[Departure]:
    """Where a write departs from what was merged last about a field; ``merged`` is oldest first.

    ``before`` and ``after`` are the object as it is and as it would be, ``None`` for none. A field that the write
    leaves as it is, is not its doing.
    """
    last = {field.path: (one.proposal, field.value) for one in merged for field in one.fields}
    return [
        Departure(proposal, path)
        for path, (proposal, wanted) in last.items()
        if _departs(find(before, path), find(after, path), wanted)
    ]


def says(rendered: Any, after: Any, path: Path) -> bool:
    """Whether Git says of a field what a write makes of it."""
    return _reaches(find(after, path), find(rendered, path))


def _departs(old: Any, new: Any, wanted: Any) -> bool:
    """A field that was to go may have a default instead; only putting it back departs."""
    if same(old, new):
        return False
    return old is ABSENT if wanted is ABSENT else not _reaches(new, wanted)


def _reaches(new: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(new, dict):
        return all(key in new and _reaches(new[key], value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(new, list):
        return len(wanted) == len(new) and all(_reaches(n, w) for n, w in zip(new, wanted, strict=True))
    return same(new, wanted) or (_quantity(new) is not None and _quantity(new) == _quantity(wanted))


def _quantity(value: Any) -> Decimal | None:
    try:
        return amount(value) if isinstance(value, str) and value[:1].isdigit() else None
    except (ValueError, ArithmeticError, KeyError):
        return None


def _written(step: Any) -> Any:
    return {"key": step.key, "value": step.value} if isinstance(step, Item) else step


def _read(step: Any) -> Any:
    return Item(step["key"], step["value"]) if isinstance(step, dict) else step
