"""The last word on an edit: everything rendered afterwards is exactly what was intended, and nothing else moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.core.change.fields import differences, same, show
from engine.core.change.identity import Identity, Object, by_identity
from engine.core.errors import UnintendedEdit

_REMEDY = "Make the edit by hand, or set the field in one place only"


def verify(expected: Mapping[Identity, Object], rendered: Iterable[Object], where: str) -> None:
    """Raises :class:`UnintendedEdit` naming the first object and field that isn't as expected."""
    actual = by_identity(rendered, where)
    for key in expected.keys() - actual.keys():
        raise UnintendedEdit(f"{key[1]} {key[3]} would no longer be made", where=where, remedy=_REMEDY)
    for key in actual.keys() - expected.keys():
        raise UnintendedEdit(f"{key[1]} {key[3]} would be made as well", where=where, remedy=_REMEDY)
    for key, obj in expected.items():
        if not same(obj, actual[key]):
            first = next(differences(obj, actual[key]), None)
            field = show(first.path) if first else "its order"
            found = f"would be {first.after!r}, not {first.before!r}" if first else "would differ"
            raise UnintendedEdit(f"{key[1]} {key[3]}: {field} {found}", where=where, remedy=_REMEDY)
