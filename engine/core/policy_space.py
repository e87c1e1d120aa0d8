"""The space of input documents in which sentences about a policy are tried.

It is read from the input document's own model, so that a value added there is tried without anybody remembering to.
A point of the space is a sound base document and what differs from it, since that is how a person can read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from engine.core import canonical
from engine.core.errors import BadInput
from engine.core.input_document import InputDocument, Section
from engine.core.moment import parse_instant, time_facts

Edits = Mapping[str, Any]
NOTHING: Edits = MappingProxyType({})
SHOWN = "shown"
PRESENT = "present"
KIND = "action.kind"
TIME = "time"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of an axis: what a person calls it, and the edits by dotted path that bring it about."""

    label: str
    edits: Edits


@dataclass(frozen=True, slots=True)
class Axis:
    """What can differ in one respect; ``most`` is the largest number that fits, ``None`` where it is no number."""

    name: str
    choices: tuple[Choice, ...]
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What people say of the space: open values, lists and what goes together, as ``space.yaml`` has it."""

    values: Mapping[str, Sequence[Any]]
    moments: Sequence[str]
    fitting: Mapping[str, Edits]
    elements: Mapping[str, Edits]
    lists: Mapping[str, Mapping[str, Sequence[Edits]]]


@dataclass(frozen=True, slots=True)
class Space:
    """A base document, its axes, further starting points, and the fields that nothing varies."""

    base: Mapping[str, Any]
    axes: tuple[Axis, ...]
    starts: tuple[Choice, ...]
    untouched: tuple[str, ...]

    def named(self, name: str) -> Axis:
        """An axis by name. Raises :class:`BadInput` where nothing varies it."""
        found = next((axis for axis in self.axes if axis.name == name), None)
        if found is None:
            raise BadInput("is varied by nothing", where=name, remedy="Give it values in space.yaml")
        return found


def make_space(base: Mapping[str, Any], wording: Wording, kinds: Sequence[str], starts: Sequence[Choice] = ()) -> Space:
    """The space around a base; ``kinds`` are the catalogue's. Fields of open text without wording are left alone."""
    axes: list[Axis] = [_action_kinds(kinds, wording), _moments(base, wording)]
    untouched: list[str] = []
    for path, annotation in leaves(InputDocument):
        if path == KIND or path.startswith(f"{TIME}."):
            continue
        values = _values(path, annotation, wording)
        if values is None:
            untouched.append(path)
            continue
        choices = tuple(_choice(base, path, value, label) for label, value in values)
        axes.append(Axis(path, choices, _most(path) if int in _kinds_of(annotation) else None))
    return Space(base, tuple(axes), tuple(starts), tuple(untouched))


def leaves(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every field that holds a value, a list, or a section that may be absent, with its annotation."""
    for name, field in model.model_fields.items():
        path = f"{above}{name}"
        inner = _section(field.annotation)
        if inner is None:
            yield path, field.annotation
            continue
        if NoneType in _kinds_of(field.annotation):
            yield path, field.annotation
        yield from leaves(inner, f"{path}.")


def applied(base: Mapping[str, Any], edits: Edits) -> dict[str, Any]:
    """The base with edits; what lies below a section that is absent changes nothing. The base is left as it was."""
    document = dict(base)
    for path in sorted(edits, key=lambda each: each.count(".")):
        _set(document, path.split("."), edits[path])
    return document


def at(document: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, ``None`` where there is none."""
    node: Any = document
    for part in path.split("."):
        if not isinstance(node, Mapping) or part not in node:
            return None
        node = node[part]
    return node


def difference(base: Any, other: Any, path: str = "") -> dict[str, Any]:
    """The edits that make one document of another; lists and maps with other keys are replaced whole."""
    if isinstance(base, Mapping) and isinstance(other, Mapping) and set(base) == set(other):
        found: dict[str, Any] = {}
        for key in base:
            found.update(difference(base[key], other[key], f"{path}.{key}" if path else key))
        return found
    return {} if base == other and type(base) is type(other) else {path: other}


def merged(*several: Edits) -> dict[str, Any]:
    """Edits one after another; a later one of a whole section takes earlier ones of its parts away."""
    result: dict[str, Any] = {}
    sections: set[str] = set()
    for edits in several:
        for path, value in edits.items():
            if path in sections:
                for below in [old for old in result if old.startswith(f"{path}.")]:
                    del result[below]
            result[path] = value
            sections.update(_sections(path))
    return result


@cache
def _sections(path: str) -> tuple[str, ...]:
    """The paths above one."""
    parts = path.split(".")
    return tuple(".".join(parts[:depth]) for depth in range(1, len(parts)))


def _set(document: dict[str, Any], parts: list[str], value: Any) -> None:
    node = document
    for part in parts[:-1]:
        below = node.get(part)
        if not isinstance(below, Mapping):
            return
        node[part] = dict(below)
        node = node[part]
    node[parts[-1]] = value


def _action_kinds(kinds: Sequence[str], wording: Wording) -> Axis:
    return Axis(KIND, tuple(Choice(kind, {KIND: kind, **wording.fitting.get(kind, {})}) for kind in kinds))


def _moments(base: Mapping[str, Any], wording: Wording) -> Axis:
    zones = list(base[TIME]["zones"])
    facts = ((text, time_facts(parse_instant(text, where="moments"), zones)) for text in wording.moments)
    return Axis(TIME, tuple(Choice(text, {TIME: fact}) for text, fact in facts))


def _choice(base: Mapping[str, Any], path: str, value: Any, label: str) -> Choice:
    return Choice(label, {path: at(base, path) if value is PRESENT else value})


def _values(path: str, annotation: Any, wording: Wording) -> list[tuple[str, Any]] | None:
    """Labels and values for a field; ``None`` where it is open and nobody has worded any."""
    if path in wording.elements:
        return _lists(path, annotation, wording)
    kinds = _kinds_of(annotation)
    listed: list[Any] = list(wording.values.get(path, ()))
    if _section(annotation) is not None:
        return [(PRESENT, PRESENT), ("none", None)]
    if not listed:
        listed = _of_model(annotation)
    if not listed:
        return None
    if NoneType in kinds and None not in listed:
        listed.append(None)
    return [(_label(value), value) for value in listed]


def _of_model(annotation: Any) -> list[Any]:
    for part in (annotation, *get_args(annotation)):
        if get_origin(part) is Literal:
            return list(get_args(part))
    kinds = _kinds_of(annotation)
    if bool in kinds:
        return [True, False]
    return [0, 1, 100] if int in kinds else []


def _lists(path: str, annotation: Any, wording: Wording) -> list[tuple[str, Any]]:
    """No element, each named list, and the last of those with each value of its elements as each other value."""
    sound = wording.elements[path]
    named = {label: [{**sound, **each} for each in given] for label, given in wording.lists.get(path, {}).items()}
    named = named or {"a sound one": [dict(sound)]}
    varied = list(named.values())[-1]
    model = _element(annotation)
    found: list[tuple[str, Any]] = [("none", []), *named.items()]
    for field, inner in leaves(model):
        for value in _of_model(inner) if int not in _kinds_of(inner) else []:
            if value != sound[field]:
                found.append((f"all with {field} {_label(value)}", [{**each, field: value} for each in varied]))
        if NoneType in _kinds_of(inner):
            found.append((f"all with {field} none", [{**each, field: None} for each in varied]))
    return found


def _label(value: Any) -> str:
    return value if isinstance(value, str) and value else canonical.encode(value).decode()


def _element(annotation: Any) -> type[BaseModel]:
    inner: type[BaseModel] = get_args(annotation)[0]
    return inner


def _most(path: str) -> int:
    """The largest number a field takes, as its model bounds it."""
    model: Any = InputDocument
    for part in path.split("."):
        field = model.model_fields[part]
        model = _section(field.annotation)
    return next((bound.le for bound in field.metadata if hasattr(bound, "le")), 1_000_000_000)


def _section(annotation: Any) -> type[Section] | None:
    """The section a field holds, absent or not; lists and plain values hold none."""
    for part in (annotation, *(_parts(annotation))):
        if isinstance(part, type) and issubclass(part, Section):
            return part
    return None


def _parts(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()


def _kinds_of(annotation: Any) -> set[Any]:
    """The plain types of a field, bounds and choices looked through."""
    found: set[Any] = set()
    for part in _parts(annotation) or (annotation,):
        inner = get_args(part)[0] if hasattr(part, "__metadata__") else part
        found.add(inner if isinstance(inner, type) else type(inner) if inner is None else get_origin(inner) or inner)
    return found
