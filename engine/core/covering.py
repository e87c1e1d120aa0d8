"""Few rows in which every two values of any two axes meet, and a sequence of choices that is the same every time.

All combinations of eighty axes can't be tried. Most mistakes need one or two unusual values at once, so each pair of
values is made to occur; the rest is left to a search whose order is fixed by a number, so that it can be had again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MASK = (1 << 64) - 1


@dataclass
class Dice:
    """A sequence of numbers that looks random and is fixed by where it starts."""

    state: int

    def below(self, limit: int) -> int:
        """The next number, from 0 and less than ``limit``."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) % limit


def pairwise(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Rows of one value a position (``sizes`` says how many there are), until every two have met in some row."""
    starts = [sum(sizes[:position]) for position in range(len(sizes))]
    everything = (1 << sum(sizes)) - 1
    own = [((1 << size) - 1) << start for size, start in zip(sizes, starts, strict=True)]
    unmet = [everything & ~own[position] for position, size in enumerate(sizes) for _ in range(size)]
    order = sorted(range(len(sizes)), key=lambda position: -sizes[position])
    while any(unmet):
        yield _row(sizes, starts, order, unmet)


def _row(sizes: Sequence[int], starts: Sequence[int], order: Sequence[int], unmet: list[int]) -> tuple[int, ...]:
    """The row that lets the most pairs meet when positions choose one after another; strikes them off."""
    chosen, row = 0, [0] * len(sizes)
    for position in order:
        values = range(starts[position], starts[position] + sizes[position])
        best = max(values, key=lambda value: ((unmet[value] & chosen).bit_count(), unmet[value].bit_count()))
        row[position] = best - starts[position]
        chosen |= 1 << best
    for position, value in enumerate(row):
        unmet[starts[position] + value] &= ~chosen
    return tuple(row)
