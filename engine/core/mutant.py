"""A mutant: the policy with one thing wrong, to find out whether anybody would notice.

A rule that can be taken away without any scenario ending otherwise is declared and not enforced. That is what this
field's policies suffer from most, so it is looked for with every edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

Damage = Literal["rule removed", "comparison flipped", "condition dropped", "limit raised", "tier lowered"]
Fate = Literal["killed", "survived", "stillborn"]

TOP_TIER = 3
FLIPPED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One damage: ``rule`` is its id, or ``data/<path>``; ``where`` names file and line; ``text`` what was there.

    ``edit`` is the offset, length and new text in the rule's file, empty for the other kinds of damage.
    """

    rule: str
    damage: Damage
    where: str
    text: str
    edit: tuple[int, int, str] | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant; ``scenario`` is the one that noticed. A stillborn one doesn't compile and counts not."""

    mutant: Mutant
    fate: Fate
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """All trials, and the rules that no scenario makes speak."""

    trials: tuple[Trial, ...]
    unreachable: tuple[str, ...]
    threshold: int

    @property
    def survivors(self) -> list[Mutant]:
        """What nobody noticed."""
        return [trial.mutant for trial in self.trials if trial.fate == "survived"]

    @property
    def percent_killed(self) -> float:
        """Of those that compile."""
        born = [trial for trial in self.trials if trial.fate != "stillborn"]
        return 100.0 * sum(trial.fate == "killed" for trial in born) / len(born) if born else 0.0

    @property
    def holds(self) -> bool:
        """Every rule can speak and is missed when it is gone, and enough of the rest is noticed."""
        gone = any(mutant.damage == "rule removed" for mutant in self.survivors)
        return not self.unreachable and not gone and self.percent_killed >= self.threshold


def limits(data: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int | float]]:
    """Every number in policy data, with its path; lists are walked by position."""
    entries: Iterable[tuple[Any, Any]] = data.items()
    for name, value in entries:
        yield from _limits_of(value, (*above, str(name)))


def _limits_of(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int | float]]:
    if isinstance(value, Mapping):
        yield from limits(value, path)
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _limits_of(entry, (*path, str(position)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


def is_top_tier(path: tuple[str, ...], value: float) -> bool:
    """Whether a number is the highest tier, which nothing can raise, so that it is lowered instead."""
    return value == TOP_TIER and (path[:2] in (("tiers", "kinds"), ("tiers", "in_production")) or path[-1] == "tier")


def raised(data: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    """The data with the number at a path made ten times as large and ten more; ``None`` where there is none.

    The highest tier becomes the one below.
    """
    changed: Any = deepcopy(dict(data))
    node = changed
    for part in path[:-1]:
        node = _below(node, part)
    last: Any = int(path[-1]) if isinstance(node, list) else path[-1]
    value = _below(node, path[-1])
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    node[last] = value - 1 if is_top_tier(path, value) else value * 10 + 10
    return dict(changed)


def _below(node: Any, part: str) -> Any:
    if isinstance(node, Mapping):
        return node.get(part)
    if isinstance(node, list) and part.isdigit() and int(part) < len(node):
        return node[int(part)]
    return None
