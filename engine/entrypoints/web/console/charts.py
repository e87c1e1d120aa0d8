"""Charts as plain geometry: what a template needs to draw columns, and nothing that a browser has to work out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.kpis import Day

WIDTH, HEIGHT, FOOT, EDGE = 420, 120, 20, 16
OUTCOMES = ("refused", "asked", "allowed")


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a column, in the units of the picture."""

    outcome: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns of one day each, from left to right. ``labels`` are day and place; ``most`` is what full height means."""

    blocks: tuple[Block, ...]
    labels: tuple[tuple[str, float], ...]
    most: int
    width: int = WIDTH
    height: int = HEIGHT + FOOT


def columns(days: Sequence[Day], *, until: str, count: int) -> Chart:
    """A column for each of the ``count`` days that end with ``until``; a day without decisions is an empty one."""
    last, known = date.fromisoformat(until[:10]), {one.day: one for one in days}
    names = [(last - timedelta(days=back)).isoformat() for back in reversed(range(count))]
    shown = [known.get(name, Day(name, 0, 0, 0)) for name in names]
    most = max((one.allowed + one.asked + one.refused for one in shown), default=0)
    step = WIDTH / count
    blocks = [block for number, one in enumerate(shown) for block in _column(one, number * step, step, max(1, most))]
    every = -(-count // 7)
    labelled = [(number, name) for number, name in enumerate(names) if not (count - 1 - number) % every]
    labels = [(name[5:], round(min((number + 0.5) * step, WIDTH - EDGE), 1)) for number, name in labelled]
    return Chart(tuple(blocks), tuple(labels), most)


def _column(day: Day, left: float, step: float, most: int) -> list[Block]:
    made, top = [], float(HEIGHT)
    for outcome in OUTCOMES:
        count = int(getattr(day, outcome))
        tall = HEIGHT * count / most
        top -= tall
        if count:
            made.append(
                Block(outcome, count, round(left + step * 0.15, 1), round(top, 1), round(step * 0.7, 1), round(tall, 1))
            )
    return made
