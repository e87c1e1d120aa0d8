"""Which fields differ between two objects, as paths that survive reordering.

A list of containers is addressed by name, not by position: the same path then means the same thing in a base, in a
patch and in what is rendered of both.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

ABSENT: Final = type("Absent", (), {"__repr__": lambda _: "ABSENT", "__bool__": lambda _: False})()


@dataclass(frozen=True, slots=True)
class Item:
    """The element of a list whose field ``key`` is ``value``."""

    key: str
    value: str


Step = str | int | Item
Path = tuple[Step, ...]

_IDENTIFYING = ("name",)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; :data:`ABSENT` is no field at all."""

    path: Path
    before: Any
    after: Any

    def __str__(self) -> str:
        return show(self.path)


def show(path: Path) -> str:
    """A path as people write it: ``spec.template.spec.containers[api].image``."""
    text = ""
    for step in path:
        if isinstance(step, str):
            text += f".{step}" if text and "." not in step else f"[{step}]" if text else step
        else:
            text += f"[{step.value if isinstance(step, Item) else step}]"
    return text


def parse_path(text: str) -> Path:
    """The inverse of :func:`show`; a bracket after a list's name is an item by name, one with dots is a key."""
    steps: list[Step] = []
    rest = text
    while rest:
        if rest.startswith("["):
            inside, _, rest = rest[1:].partition("]")
            steps.append(
                int(inside) if inside.isdigit() else inside if "." in inside or "/" in inside else Item("name", inside)
            )
        else:
            rest = rest.removeprefix(".")
            end = min((i for i in (rest.find("."), rest.find("[")) if i >= 0), default=len(rest))
            steps.append(rest[:end])
            rest = rest[end:]
    return tuple(steps)


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[FieldChange]:
    """The fields that differ, smallest first in structure: a leaf where a leaf differs, a list where its items do."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(k for k in after if k not in before)]:
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
        return
    key = identifying_key(before, after)
    if key is not None:
        old, new = ({item[key]: item for item in items} for items in (before, after))
        if [*(n for n in old if n in new), *(n for n in new if n not in old)] == list(new):
            for name in [*old, *(n for n in new if n not in old)]:
                yield from differences(old.get(name, ABSENT), new.get(name, ABSENT), (*path, Item(key, name)))
            return
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old_item, new_item) in enumerate(zip(before, after, strict=True)):
            yield from differences(old_item, new_item, (*path, index))
        return
    if not same(before, after):
        yield FieldChange(path, before, after)


def same(before: Any, after: Any) -> bool:
    """Equality that keeps ``true`` and ``1`` apart, which Python's own doesn't."""
    if isinstance(before, bool) != isinstance(after, bool):
        return False
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(same(a, b) for a, b in zip(before, after, strict=True))
    return bool(before == after)


def identifying_key(*lists: Any) -> str | None:
    """The key whose value names each element of these lists, all of them different; ``None`` when there is none."""
    for key in _IDENTIFYING:
        if all(_named(items, key) for items in lists):
            return key
    return None


def _named(items: Any, key: str) -> bool:
    if not isinstance(items, list) or not items or not all(isinstance(i, dict) for i in items):
        return False
    names = [item.get(key) for item in items]
    return all(isinstance(n, str) for n in names) and len(set(cast(list[str], names))) == len(names)


def find(value: Any, path: Sequence[Step]) -> Any:
    """The value at a path, or :data:`ABSENT`."""
    for step in path:
        if isinstance(step, Item) and isinstance(value, list):
            matching = [i for i in value if isinstance(i, dict) and i.get(step.key) == step.value]
            value = matching[0] if len(matching) == 1 else ABSENT
        elif isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else ABSENT
        elif isinstance(step, str) and isinstance(value, dict):
            value = value.get(step, ABSENT)
        else:
            return ABSENT
    return value


def put(value: Any, change: FieldChange) -> Any:
    """A copy of an object with one change applied; parents that are missing are made."""
    result = copy.deepcopy(value)
    target = result
    for step, following in zip(change.path, change.path[1:], strict=False):
        inner = find(target, (step,))
        if inner is ABSENT or inner is None:
            inner = {} if isinstance(following, str) else []
            _assign(target, step, inner)
        target = find(target, (step,))
    if change.after is ABSENT:
        _remove(target, change.path[-1])
    else:
        _assign(target, change.path[-1], copy.deepcopy(change.after))
    return result


def _assign(container: Any, step: Step, value: Any) -> None:
    if isinstance(step, Item):
        positions = [i for i, item in enumerate(container) if item.get(step.key) == step.value]
        if positions:
            container[positions[0]] = value
        else:
            container.append(value if value else {step.key: step.value})
    else:
        container[step] = value


def _remove(container: Any, step: Step) -> None:
    if isinstance(step, Item):
        container[:] = [item for item in container if item.get(step.key) != step.value]
    elif isinstance(step, int):
        del container[step]
    else:
        container.pop(step, None)
