"""Which declared fields of an object the cluster has otherwise, and whose doing that is.

Three sides are held against each other: what Git declares, what lives, and what the API server says it would be if
Git were applied now. The last one settles defaults, spelling and merging of lists, which no comparison of files can.
Where the server can't be asked, the declared fields alone are held against the live ones; a value the server itself
filled in or spelt otherwise may then look like drift, so whoever reads it is told how it was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.admission.intended import says
from engine.core.admission.meaning import bare
from engine.core.change.fields import ABSENT, Item, Path, differences, find, show

MOST_FIELDS = 100
WHOLE = "object"

How = Literal["dry run", "compared"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A manager of fields as the API server keeps it: by what name, with which operation, and when last."""

    manager: str
    operation: str
    at: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field; ``live`` or ``git`` is ``None`` where that side hasn't it. ``holder`` is ``None`` where unknown."""

    path: str
    live: Any
    git: Any
    holder: Holder | None = None


def differences_of(
    git: Mapping[str, Any], live: dict[str, Any] | None, applied: dict[str, Any] | None
) -> list[Difference]:
    """Where ``live`` isn't what Git declares; ``applied`` is it as applying would leave it, ``None`` if unknown."""
    if live is None:
        return [Difference(WHOLE, None, "declared")]
    entries = (live.get("metadata") or {}).get("managedFields") or ()
    found = _declared(git, live) if applied is None else _moved(live, applied)
    return [
        Difference(show(path), _plain(now), _plain(wanted), holder_of(entries, path))
        for path, now, wanted in list(found)[:MOST_FIELDS]
    ]


def _moved(live: dict[str, Any], applied: dict[str, Any]) -> Iterator[tuple[Path, Any, Any]]:
    for change in differences(bare(live), bare(applied)):
        yield change.path, change.before, change.after


def _declared(git: Any, live: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Each declared value that the live object has otherwise; what only the live object has is nobody's here."""
    wanted = find(git, path) if path else {key: git[key] for key in git if key != "status"}
    if isinstance(wanted, Mapping) and wanted:
        for key in wanted:
            yield from _declared(git, live, (*path, key))
    elif isinstance(wanted, list) and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in wanted):
        for one in wanted:
            yield from _declared(git, live, (*path, Item("name", one["name"])))
    elif wanted not in (None, {}, []) and not says(git, live, path):
        yield path, find(live, path), wanted


def _plain(value: Any) -> Any:
    return None if value is ABSENT else value


def holder_of(entries: Sequence[Mapping[str, Any]], path: Path) -> Holder | None:
    """Whoever manages a field, the latest where several do; of a field that is gone, nobody is known."""
    found = [
        Holder(str(entry.get("manager", "")), str(entry.get("operation", "")), str(entry.get("time", "")))
        for entry in entries
        if _holds(entry.get("fieldsV1"), path)
    ]
    return max(found, key=lambda holder: holder.at, default=None)


def _holds(fields: Any, path: Path) -> bool:
    for step in path:
        if not isinstance(fields, Mapping):
            return False
        key = f"f:{step}" if isinstance(step, str) else _item(fields, step)
        if key not in fields:
            return False
        fields = fields[key]
        if fields == {}:
            return True
    return True


def _item(fields: Mapping[str, Any], step: Item | int) -> str:
    """The key under which an element of a list is managed; one by position is managed with its list."""
    if isinstance(step, int):
        return "."
    named = f'"{step.key}":"{step.value}"'
    return next((key for key in fields if key.startswith("k:{") and named in key), "")
