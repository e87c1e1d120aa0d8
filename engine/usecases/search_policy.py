"""Tries sentences about a policy on as many inputs as there is patience for, and says what was tried completely.

A sentence is broken by one input. It is then made as plain as it can be, because an author has to see why; and it is
told as a question to ``simulate``, because nobody should have to believe a search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from engine.core.covering import Dice
from engine.core.errors import CouldNotDecide
from engine.core.input_document import InputDocument
from engine.core.invariant import Invariant, Said, said_of
from engine.core.policy_space import SHOWN, Edits, Space, applied, difference, leaves
from engine.core.shrinking import plainer
from engine.core.trial import Plan, Stage, Trial, left_out, plan
from engine.ports import PolicyEngine

BATCH = 512
_SHARE = 32  # trials that one worker takes at a time: to hand over each alone costs a good part of trying it
_START = 20261121

Mapped = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One input as it was put to policy, reviews filled in, and what policy said."""

    document: Mapping[str, Any]
    said: Said


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Inputs that break a sentence, made as plain as possible."""

    trial: Trial
    answers: tuple[Answer, ...]


@dataclass
class Finding:
    """What came of one invariant. ``met`` counts the trials to which it applied; ``exhausted`` and ``sampled`` tell."""

    invariant: Invariant
    evaluations: int = 0
    met: int = 0
    exhausted: list[str] = field(default_factory=list)
    sampled: list[str] = field(default_factory=list)
    broken: Counterexample | None = None
    field: str = ""

    @property
    def holds(self) -> bool:
        """Whether it was tried at all and nothing broke it. A sentence that never applied says nothing."""
        if self.invariant.absent:
            return not self.field
        return self.broken is None and self.met > 0


class Panel:
    """Puts inputs to one policy or, where a candidate is given, the second of each pair to the candidate.

    ``whole`` is the same policy asked with all its reasons, for sentences that are about those too.
    """

    def __init__(
        self,
        space: Space,
        engine: PolicyEngine,
        *,
        whole: PolicyEngine | None = None,
        candidate: PolicyEngine | None = None,
        mapped: Mapped = map,
    ) -> None:
        self.space, self._engine, self._mapped = space, engine, mapped
        self._whole, self.candidate = whole or engine, candidate
        self.evaluations = 0

    def of_whole(self) -> Panel:
        """One that asks for whole decisions."""
        return Panel(self.space, self._whole, candidate=self.candidate, mapped=self._mapped)

    def put(self, trials: Sequence[Trial]) -> list[tuple[Answer, ...]]:
        """The answers to each trial, one or two, in order."""
        shares = [trials[start : start + _SHARE] for start in range(0, len(trials), _SHARE)]
        answers = [answer for share in self._mapped(self._several, shares) for answer in share]
        self.evaluations += sum(count for count, _ in answers)
        return [given for _, given in answers]

    def _several(self, trials: Sequence[Trial]) -> list[tuple[int, tuple[Answer, ...]]]:
        return [self._one(trial) for trial in trials]

    def _one(self, trial: Trial) -> tuple[int, tuple[Answer, ...]]:
        document = applied(self.space.base, trial.first)
        count, first = self._ask(self._engine, left_out(document, trial.without) if trial.without else document)
        if self.candidate is not None:
            more, second = self._ask(self.candidate, first.document)
            return count + more, (first, second)
        if trial.second is None:
            return count, (first,)
        more, second = self._ask(self._engine, applied(self.space.base, trial.second))
        return count + more, (first, second)

    def _ask(self, engine: PolicyEngine, document: Mapping[str, Any]) -> tuple[int, Answer]:
        reviews = document.get("approvals") or []
        if not any(review.get("rules") == [SHOWN] for review in reviews):
            return 1, Answer(document, _said(engine, document))
        shown = list(_said(engine, document).shown)
        seen = [{**review, "rules": shown} if review.get("rules") == [SHOWN] else review for review in reviews]
        document = {**document, "approvals": seen}
        return 2, Answer(document, _said(engine, document))


def search(
    space: Space, invariants: Sequence[Invariant], panel: Panel, *, evaluations: int, say: Callable[[str], None]
) -> Iterator[Finding]:
    """What came of each invariant, within about as many evaluations as given for all of them together.

    What can be counted is tried completely where it fits into what is left, and is drawn from where it doesn't.
    """
    spent = 0
    for number, invariant in enumerate(invariants):
        share = (evaluations - spent) // (len(invariants) - number)
        asked = panel.of_whole() if invariant.whole else panel
        finding = _absent(invariant) if invariant.absent else _try(plan(invariant, space), asked, share)
        spent += finding.evaluations
        say(f"{invariant.name}: {finding.evaluations} evaluations")
        yield finding


def _try(made: Plan, panel: Panel, share: int) -> Finding:
    finding, before, dice = Finding(made.invariant), panel.evaluations, Dice(_START)
    for stage in made.stages:
        left = share - (panel.evaluations - before)
        _stage(finding, stage, panel, left, dice)
        if finding.broken:
            break
    while not finding.broken and made.named and not made.invariant.leaves_out:
        left = share - (panel.evaluations - before)
        if left <= 0:
            break
        drawn = [made.drawn(dice) for _ in range(min(left, BATCH))]
        _note_drawn(finding, len(drawn))
        _batch(finding, drawn, panel)
    if finding.broken:
        finding.broken = _shrunk(finding.invariant, finding.broken, panel)
    finding.evaluations = panel.evaluations - before
    return finding


def _stage(finding: Finding, stage: Stage, panel: Panel, left: int, dice: Dice) -> None:
    """All of a stage where there is room, and else as much of it as half of the room holds, drawn."""
    cost = 1 + (finding.invariant.relation is not None or panel.candidate is not None)
    room = max(left, 0) // cost
    complete = stage.size <= room
    count = stage.size if complete else room // 2
    numbers = range(stage.size) if complete else (dice.below(stage.size) for _ in range(count))
    for some in _batches(stage.trial(number) for number in numbers):
        _batch(finding, some, panel)
        if finding.broken:
            return
    told = f"{stage.says}: {stage.size}"
    if complete:
        finding.exhausted.append(told)
    else:
        finding.sampled.append(f"{stage.says}: {count} of {stage.size}")


def _note_drawn(finding: Finding, count: int) -> None:
    told, already = "several other values, and numbers of any size: ", 0
    if finding.sampled and finding.sampled[-1].startswith(told):
        already = int(finding.sampled.pop().removeprefix(told))
    finding.sampled.append(f"{told}{already + count}")


def _batch(finding: Finding, trials: Sequence[Trial], panel: Panel) -> None:
    for trial, answers in zip(trials, panel.put(trials), strict=True):
        if not finding.invariant.applies(answers[0].document, answers[0].said):
            continue
        finding.met += 1
        if _breaks(finding.invariant, answers):
            finding.broken = Counterexample(trial, answers)
            return


def _breaks(invariant: Invariant, answers: Sequence[Answer]) -> bool:
    second = answers[1].said if len(answers) > 1 else None
    return invariant.broken_by(answers[0].said, second)


def _shrunk(invariant: Invariant, found: Counterexample, panel: Panel) -> Counterexample:
    """The plainest trial that a greedy search finds; each step still breaks the sentence."""
    best = found
    while True:
        for trial in plainer(panel.space.base, best.trial):
            answers = panel.put([trial])[0]
            if invariant.applies(answers[0].document, answers[0].said) and _breaks(invariant, answers):
                best = Counterexample(trial, answers)
                break
        else:
            return best


def _absent(invariant: Invariant) -> Finding:
    """Of the schema alone: no field, at whatever depth, has one of the words for a name."""
    paths = [path for path, _ in leaves(InputDocument)]
    found = [path for path in paths if set(path.split(".")) & set(invariant.absent)]
    told = f"every field of the input document's schema: {len(paths)}"
    return Finding(invariant, met=len(paths), exhausted=[told], field=found[0] if found else "")


def _said(engine: PolicyEngine, document: Mapping[str, Any]) -> Said:
    try:
        return said_of(engine.decide(orjson.dumps(document)))
    except CouldNotDecide as error:
        return Said(error=error.message)


def _batches(trials: Iterable[Trial]) -> Iterator[list[Trial]]:
    source = iter(trials)
    while some := list(islice(source, BATCH)):
        yield some


def edits_of(space: Space, answer: Answer) -> Edits:
    """What differs from the base in an input as it was put."""
    return difference(space.base, answer.document)
