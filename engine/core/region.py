"""Regions: many inputs that come out otherwise, told in few sentences.

A thousand flips one by one hide what an edit does. What matters is where: along which facts it holds for every value,
and which values are needed. The former are left out of the sentence, and the latter are all that is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

Point = tuple[int, ...]
Box = tuple[frozenset[int], ...]

_NAMED = 4


@dataclass(frozen=True, slots=True)
class Region:
    """Where verdicts change and how; ``where`` is empty for everywhere, ``acknowledged`` says why it is meant."""

    where: tuple[str, ...]
    outcomes: str
    direction: str
    count: int
    acknowledged: str = ""

    @property
    def sentence(self) -> str:
        """The region in one line."""
        return f"{', '.join(self.where) or 'everywhere'}: {self.outcomes}"


def boxes(points: set[Point], sizes: Sequence[int]) -> Iterator[Box]:
    """Boxes that cover exactly the given points of a grid: for each position, the values it may have in the box.

    Each begins at the smallest point that no box covers yet and is widened along one position after another.
    """
    left = set(points)
    while left:
        box = _widened(min(left), points, sizes)
        left -= set(product(*box))
        yield box


def _widened(point: Point, points: set[Point], sizes: Sequence[int]) -> Box:
    box: list[frozenset[int]] = [frozenset([value]) for value in point]
    for position, size in enumerate(sizes):
        box[position] = frozenset(
            value
            for value in range(size)
            if all(each in points for each in product(*box[:position], [value], *box[position + 1 :]))
        )
    return tuple(box)


def words(box: Box, labels: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What a person calls a box: one phrase for each position that doesn't have every value."""
    return tuple(
        _phrase([names[value] for value in sorted(values)], len(names))
        for values, names in zip(box, labels, strict=True)
        if len(values) < len(names)
    )


def _phrase(names: Sequence[str], of: int) -> str:
    if len(names) <= _NAMED:
        return " or ".join(names)
    return f"{len(names)} of {of} ({', '.join(names[:_NAMED])} …)"
