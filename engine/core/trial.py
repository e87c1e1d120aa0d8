"""Trials of an invariant: which inputs are tried, in which order, and how many there would be in all.

A search that stops early must be able to say what it has tried completely. So what can be counted comes first, in
stages whose sizes are known before they begin, and what can't be counted comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, get_origin

from engine.core.covering import Dice, pairwise
from engine.core.input_document import InputDocument
from engine.core.invariant import Invariant, Way
from engine.core.policy_space import NOTHING, Axis, Choice, Edits, Space, applied, at, leaves, merged

MOST_CHANGES = 6
_OPEN = {path for path, annotation in leaves(InputDocument) if get_origin(annotation) is dict}


@dataclass(frozen=True, slots=True)
class Trial:
    """Edits of the base for a first input, and for a second one where two are compared; ``without`` drops a field."""

    first: Edits
    second: Edits | None = None
    without: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Trials that can be counted: a sentence on what they are, how many, and each of them by number."""

    says: str
    size: int
    trial: Callable[[int], Trial]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one invariant is tried: ``named`` are all values of what it speaks of, as trials on the bare base."""

    invariant: Invariant
    space: Space
    named: tuple[Trial, ...]
    rest: tuple[Axis, ...]

    @property
    def stages(self) -> Iterator[Stage]:
        """What can be counted, the nearest to the base first."""
        if self.invariant.leaves_out:
            yield self._left_out()
            return
        spoken = ", ".join(self.invariant.names) or "nothing in particular"
        named, others = self.named, self._others()
        yield Stage(f"every value of what it speaks of ({spoken})", len(named), lambda number: named[number])
        if named:
            size = len(named) * len(others)
            yield Stage("each with one other value", size, lambda number: _laid(others, named, number))
            rows = list(pairwise([len(named), *(len(axis.choices) for axis in self.rest)]))
            yield Stage("every two other values at once", len(rows), lambda number: self._row(rows[number]))

    def drawn(self, dice: Dice) -> Trial:
        """One that can't be counted: a start, a few other values, and numbers of any size."""
        pool = [NOTHING, NOTHING, *(start.edits for start in self.space.starts)]
        edits = merged(pool[dice.below(len(pool))], *(self._any(dice) for _ in range(dice.below(MOST_CHANGES + 1))))
        trial = self.named[dice.below(len(self.named))]
        return _over(edits, self._renumbered(trial, dice))

    def _others(self) -> list[Edits]:
        return [*(start.edits for start in self.space.starts), *(c.edits for axis in self.rest for c in axis.choices)]

    def _row(self, row: Sequence[int]) -> Trial:
        picked = [axis.choices[number].edits for axis, number in zip(self.rest, row[1:], strict=True)]
        return _over(merged(*picked), self.named[row[0]])

    def _any(self, dice: Dice) -> Edits:
        axis = self.rest[dice.below(len(self.rest))]
        if axis.most is not None and dice.below(2):
            return {axis.name: _number(axis, dice)}
        return axis.choices[dice.below(len(axis.choices))].edits

    def _renumbered(self, trial: Trial, dice: Dice) -> Trial:
        """The same with other numbers where it speaks of numbers, half of the time."""
        relation = self.invariant.relation
        ways = dict(relation.ways) if relation else {}
        for axis in (self.space.named(name) for name in self.invariant.names):
            if axis.most is None or axis.name not in trial.first or dice.below(2):
                continue
            low, high = sorted((_number(axis, dice), _number(axis, dice)))
            if axis.name not in ways:
                second = None if trial.second is None else merged(trial.second, {axis.name: high})
                trial = Trial(merged(trial.first, {axis.name: high}), second)
            elif low < high and trial.second is not None:
                pair = (high, low) if ways[axis.name] == "smaller" else (low, high)
                trial = Trial(merged(trial.first, {axis.name: pair[0]}), merged(trial.second, {axis.name: pair[1]}))
        return trial

    def _left_out(self) -> Stage:
        starts = [NOTHING, *(start.edits for start in self.space.starts)]
        documents = [(edits, applied(self.space.base, edits)) for edits in starts]
        trials = [Trial(edits, without=path) for edits, document in documents for path in _fields(document)]
        return Stage("every field left out, at every start", len(trials), lambda number: trials[number])


def plan(invariant: Invariant, space: Space) -> Plan:
    """How an invariant is tried in a space. Raises :class:`BadInput` for a field it speaks of that nothing varies."""
    asked = [path for path, _ in invariant.when if not path.startswith("verdict.")]
    held = [space.named(path) for path in dict.fromkeys([*asked, *invariant.over])]
    rest = tuple(axis for axis in space.axes if axis not in held)
    fixed = [merged(*(choice.edits for choice in chosen)) for chosen in product(*(axis.choices for axis in held))]
    trials = (trial for edits in fixed for trial in _related(invariant, space, edits))
    named = tuple(trial for trial in trials if invariant.concerns(applied(space.base, trial.first)))
    return Plan(invariant, space, named, rest)


def _related(invariant: Invariant, space: Space, edits: Edits) -> Iterator[Trial]:
    relation = invariant.relation
    if relation is None:
        yield Trial(edits)
        return
    for path, way in relation.ways:
        for before, after in _pairs(space.named(path), way):
            yield Trial(merged(edits, before.edits), merged(edits, after.edits))
    if relation.ways:
        return
    second = merged(edits, dict(relation.second))
    if relation.each_review:
        if not edits.get("approvals"):
            return
        second["approvals"] = [{**review, **dict(relation.each_review)} for review in edits["approvals"]]
    yield Trial(merged(edits, dict(relation.first)), second)


def _pairs(axis: Axis, way: Way) -> Iterator[tuple[Choice, Choice]]:
    for before, after in product(axis.choices, axis.choices):
        values = (before.edits.get(axis.name), after.edits.get(axis.name))
        if way == "other" and values[0] != values[1]:
            yield before, after
        elif all(isinstance(value, int) for value in values):
            rises: Any = values[0] < values[1]  # type: ignore[operator]
            falls: Any = values[0] > values[1]  # type: ignore[operator]
            if (way == "larger" and rises) or (way == "smaller" and falls):
                yield before, after


def _laid(others: Sequence[Edits], named: Sequence[Trial], number: int) -> Trial:
    return _over(others[number // len(named)], named[number % len(named)])


def _over(edits: Edits, trial: Trial) -> Trial:
    """A trial with further edits below its own."""
    second = merged(edits, trial.second) if trial.second is not None else None
    return Trial(merged(edits, trial.first), second, trial.without)


def _number(axis: Axis, dice: Dice) -> int:
    """A number: at or beside one that is listed, or of any size."""
    listed = [value for choice in axis.choices if isinstance(value := choice.edits[axis.name], int)]
    if listed and dice.below(3):
        number = listed[dice.below(len(listed))] + dice.below(3) - 1
    else:
        number = dice.below(1 << dice.below(24))
    return max(0, min(number, axis.most or 0))


def _fields(document: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Every field that the schema names; what is below an open map is no field of the schema's."""
    for name, value in document.items():
        yield f"{above}{name}"
        if isinstance(value, Mapping) and f"{above}{name}" not in _OPEN:
            yield from _fields(value, f"{above}{name}.")


def left_out(document: dict[str, Any], path: str) -> dict[str, Any]:
    """A document without one field; the same where that isn't in it."""
    *way, last = path.split(".")
    holder = at(document, ".".join(way)) if way else document
    if not isinstance(holder, Mapping):
        return document
    kept = {name: value for name, value in holder.items() if name != last}
    return applied(document, {".".join(way): kept}) if way else kept
