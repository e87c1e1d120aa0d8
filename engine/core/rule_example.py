"""What makes a rule speak and what doesn't, found by asking policy: an example that nobody wrote can't be out of date.

A sound input is changed in one respect at a time, until each rule has spoken once and kept silent beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.decision import Verdict
from engine.core.flip import speaking
from engine.core.policy_space import KIND, NOTHING, Edits, Space, applied, merged

SOUND = "the sound input as it is"
Ask = Callable[[Mapping[str, Any]], Verdict]
Point = tuple[str, Edits]


@dataclass(frozen=True, slots=True)
class Example:
    """Two inputs that differ in one respect, each in words: the rule speaks in one and not in the other."""

    speaks: str
    silent: str


def examples(space: Space, rules: Iterable[str], ask: Ask) -> dict[str, Example]:
    """An example of each rule that one or two changes of the base reach; the others have none."""
    wanted = set(rules)
    found: dict[str, Example] = {}
    for start in _starts(space):
        if not wanted - set(found):
            break
        for rule, example in _around(space, start, ask):
            if rule in wanted:
                found.setdefault(rule, example)
    return found


def _starts(space: Space) -> Iterator[Point]:
    """The base, then the base at each stage and as each kind of action that needs more than its name."""
    yield "", NOTHING
    for axis in (space.named("stage"), space.named(KIND)):
        for choice in axis.choices:
            if axis.name != KIND or len(choice.edits) > 1:
                yield f"{axis.name} {choice.label}", choice.edits


def _around(space: Space, start: Point, ask: Ask) -> Iterator[tuple[str, Example]]:
    """The rules that one change of a starting point makes speak or keeps silent."""
    words, edits = start
    before = speaking(ask(applied(space.base, edits)))
    for axis in space.axes:
        for choice in axis.choices:
            after = speaking(ask(applied(space.base, merged(edits, choice.edits))))
            changed = ", ".join(filter(None, (words, f"{axis.name} {choice.label}")))
            for rule in sorted(after ^ before):
                spoke = rule in after
                yield rule, Example(changed, words or SOUND) if spoke else Example(words or SOUND, changed)
