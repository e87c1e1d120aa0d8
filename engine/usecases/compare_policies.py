"""Compares a candidate with the policy in force over the space of inputs, not only over those that happened.

History holds the nights that were; an edit is dangerous in the one that wasn't yet. The few facts that decide most are
combined completely, every other value is tried alone and every two of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from engine.core.covering import pairwise
from engine.core.flip import Acknowledgement, Flip, acknowledged, flip_between, place_of
from engine.core.policy_space import KIND, Axis, Edits, Space, applied, at, difference, merged
from engine.core.region import Point, Region, boxes, words
from engine.core.shrinking import plainer
from engine.core.trial import Trial
from engine.usecases.search_policy import BATCH, Panel

MAIN = ("facts.target.environment", KIND, "approvals")
MOST_SHRUNK = 12
_ASKING = {
    "laxer": "as before, with fewer people asked",
    "stricter": "as before, with more people asked",
    "other": "as before, in another tier or with other people asked",
}

Key = tuple[str, str, str]


@dataclass
class SpaceReport:
    """Where a candidate answers otherwise, what was compared completely, and inputs on which either gave no answer.

    What is refused by both isn't told, whoever would have been asked.
    """

    regions: list[Region] = field(default_factory=list)
    exhausted: list[str] = field(default_factory=list)
    compared: int = 0
    untold: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Nothing new is let through unexplained, and everything was answered."""
        return not self.errors and not any(r.direction == "new allow" and not r.acknowledged for r in self.regions)


def compare(space: Space, panel: Panel, note: Iterable[Acknowledgement], *, say: Callable[[str], None]) -> SpaceReport:
    """Regions of the space in which ``panel``'s candidate answers otherwise than its policy."""
    return _Comparison(space, panel, list(note), say).run()


class _Comparison:
    def __init__(self, space: Space, panel: Panel, note: list[Acknowledgement], say: Callable[[str], None]) -> None:
        self._space, self._panel, self._note, self._say = space, panel, note, say
        self._report = SpaceReport()
        self._main = [_plain(space.named(name)) for name in MAIN]
        self._rest = [axis for axis in space.axes if axis.name not in MAIN]

    def run(self) -> SpaceReport:
        """The grid first, then single values, then pairs; what an earlier part explains isn't told again."""
        self._grid()
        usual = {self._key(flip) for flip in self._flips([{}]) if flip is not None}
        self._alone(usual)
        self._pairs()
        return self._report

    def _flips(self, several: Sequence[Edits]) -> list[Flip | None]:
        found: list[Flip | None] = []
        for start in range(0, len(several), BATCH):
            trials = [Trial(edits) for edits in several[start : start + BATCH]]
            for first, second in self._panel.put(trials):
                self._report.compared += 1
                if first.said.verdict is None or second.said.verdict is None:
                    self._report.errors.append(first.said.error or second.said.error)
                    found.append(None)
                else:
                    flip = flip_between(first.said.verdict, second.said.verdict, place_of(first.document))
                    refused = flip is not None and flip.before == flip.after and flip.after.startswith("deny")
                    found.append(None if refused else flip)
        return found

    def _key(self, flip: Flip) -> Key:
        line = acknowledged(flip, self._note)
        outcomes = flip.outcomes if flip.before != flip.after else f"{flip.after} {_ASKING[flip.direction]}"
        return outcomes, flip.direction, line.because if line else ""

    def _grid(self) -> None:
        sizes = [len(axis.choices) for axis in self._main]
        points: list[Point] = list(product(*(range(size) for size in sizes)))
        edits = [merged(*(a.choices[n].edits for a, n in zip(self._main, point, strict=True))) for point in points]
        grouped: dict[Key, set[Point]] = {}
        for point, flip in zip(points, self._flips(edits), strict=True):
            if flip is not None:
                grouped.setdefault(self._key(flip), set()).add(point)
        labels = [[choice.label for choice in axis.choices] for axis in self._main]
        for key, flipped in grouped.items():
            for box in boxes(flipped, sizes):
                self._add(key, words(box, labels), prod(len(values) for values in box))
        self._done(f"every combination of {', '.join(MAIN)}", len(points))

    def _alone(self, usual: set[Key]) -> None:
        """Each value of every other axis at the base, told where it isn't what happens at the base anyway."""
        names = [(f"{axis.name} {choice.label}", choice.edits) for axis in self._rest for choice in axis.choices]
        names += [(start.label, start.edits) for start in self._space.starts]
        for (name, _), flip in zip(names, self._flips([edits for _, edits in names]), strict=True):
            if flip is not None and self._key(flip) not in usual:
                self._add(self._key(flip), (f"with {name}",), 1)
        self._done("every other value alone", len(names))

    def _pairs(self) -> None:
        """Every two values together; a flip is made plain, and told unless the grid tells it already."""
        axes = [*self._main, *self._rest]
        rows = list(pairwise([len(axis.choices) for axis in axes]))
        edits = [merged(*(a.choices[n].edits for a, n in zip(axes, row, strict=True))) for row in rows]
        flipped = [(each, flip) for each, flip in zip(edits, self._flips(edits), strict=True) if flip is not None]
        told = {self._key(flip): 0 for _, flip in flipped}
        for each, flip in flipped:
            key = self._key(flip)
            told[key] += 1
            if told[key] > MOST_SHRUNK:
                self._report.untold += 1
                continue
            plain = self._made_plain(each, key)
            if not plain.keys() <= set(MAIN):
                self._add(key, tuple(self._names(plain)), 1)
        self._done("every two values together", len(rows))

    def _made_plain(self, edits: Edits, key: Key) -> dict[str, Any]:
        """The fewest differences from the base with which the same still happens."""
        best = difference(self._space.base, applied(self._space.base, edits))
        while True:
            for trial in plainer(self._space.base, Trial(best)):
                if [self._key(flip) for flip in self._flips([trial.first]) if flip] == [key]:
                    best = dict(trial.first)
                    break
            else:
                return best

    def _names(self, edits: Edits) -> Iterator[str]:
        """What a person calls edits: the label of a choice that makes one, or the path alone."""
        document = applied(self._space.base, edits)
        for path in edits:
            axes = [axis for axis in self._space.axes if path == axis.name or path.startswith(f"{axis.name}.")]
            labels = [c.label for axis in axes for c in axis.choices if at(document, path) == c.edits.get(path, ...)]
            yield f"with {path} {labels[0]}" if labels else f"with another {path}"

    def _add(self, key: Key, where: tuple[str, ...], count: int) -> None:
        outcomes, direction, because = key
        for number, region in enumerate(self._report.regions):
            if (region.where, region.outcomes, region.direction) == (where, outcomes, direction):
                self._report.regions[number] = Region(where, outcomes, direction, region.count + count, because)
                return
        self._report.regions.append(Region(where, outcomes, direction, count, because))

    def _done(self, what: str, count: int) -> None:
        self._report.exhausted.append(f"{what}: {count}")
        self._say(f"{what}: {count} compared")


def _plain(axis: Axis) -> Axis:
    """The axis without the many ways in which one review may not count; those are tried alone."""
    return Axis(axis.name, tuple(choice for choice in axis.choices if not choice.label.startswith("all with ")))
