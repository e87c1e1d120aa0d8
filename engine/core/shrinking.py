"""Plainer versions of a trial, so that a person sees at once which few facts break a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.core.policy_space import Edits, applied, at, difference, merged
from engine.core.trial import Trial


def plainer(base: Mapping[str, Any], trial: Trial) -> Iterator[Trial]:
    """Trials with one difference from the base fewer, or with a number nearer to the base's; the best first.

    What the second input has other than the first stays, except that its numbers may come nearer to the first's.
    """
    edits = difference(base, applied(base, trial.first))
    step = None if trial.second is None else _step(base, trial)
    for path in edits:
        yield _made({name: value for name, value in edits.items() if name != path}, step, trial.without)
    for smaller in _smaller(base, edits):
        yield _made(smaller, step, trial.without)
    if step is not None:
        first = applied(base, edits)
        for nearer in _smaller(first, step):
            yield _made(edits, nearer, trial.without)


def _step(base: Mapping[str, Any], trial: Trial) -> Edits:
    """What makes the second input of the first."""
    assert trial.second is not None  # noqa: S101 - asked before
    return difference(applied(base, trial.first), applied(base, trial.second))


def _made(edits: Edits, step: Edits | None, without: str) -> Trial:
    return Trial(edits, None if step is None else merged(edits, step), without)


def _smaller(origin: Mapping[str, Any], edits: Edits) -> Iterator[dict[str, Any]]:
    """Each with one number nearer to where it came from, halfway first, or one list an element shorter."""
    for path, value in edits.items():
        there = at(origin, path)
        if isinstance(value, list):
            for number in range(len(value)):
                yield {**edits, path: value[:number] + value[number + 1 :]}
        elif _number(value) and _number(there):
            for nearer in ((value + there) // 2, value - 1 if value > there else value + 1):
                if abs(nearer - there) < abs(value - there) and nearer != there:
                    yield {**edits, path: nearer}


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
