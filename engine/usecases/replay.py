"""Replay: every recorded decision again, through the policy that made it and through a candidate for its place.

First the recorded policy has to give the recorded answer; where it doesn't, or isn't kept any more, nothing can be
said about the candidate and the report says that instead. It streams: memory doesn't grow with the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.core import canonical
from engine.core.decision import Decision
from engine.core.errors import CouldNotDecide
from engine.core.flip import Acknowledgement, Flip, acknowledged, flip_between, place_of, same_answer
from engine.core.record import Record
from engine.ports import PolicyEngine

EXAMPLES = 5

Engines = Callable[[str], PolicyEngine | None]
Mapped = Callable[[Callable[["Past"], "Replayed"], Iterable["Past"]], Iterator["Replayed"]]


@dataclass(frozen=True, slots=True)
class Past:
    """One recorded decision with the input it was made on, as canonical bytes."""

    decision: Decision
    document: bytes
    at: str
    proposal: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one past decision. ``unlike`` says why it couldn't be reproduced; ``flip`` is ``None`` then."""

    past: Past
    unlike: str = ""
    flip: Flip | None = None


@dataclass
class Group:
    """Flips of one kind: how many, which class and tiers, the rules behind them, and a few to look at."""

    flip: Flip
    count: int = 0
    acknowledged: str = ""
    examples: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Report:
    """What a replay found. ``groups`` are by what flipped, where, and because of which rules."""

    replayed: int = 0
    reproduced: int = 0
    unlike: list[dict[str, str]] = field(default_factory=list)
    unlike_count: int = 0
    groups: dict[Any, Group] = field(default_factory=dict)

    @property
    def unexplained(self) -> list[Group]:
        """New allows that the candidate's change note doesn't speak of."""
        return [g for g in self.groups.values() if g.flip.direction == "new allow" and not g.acknowledged]

    @property
    def holds(self) -> bool:
        """Whether the record was reproduced and nothing new is let through unexplained."""
        return self.unlike_count == 0 and not self.unexplained

    def add(self, found: Replayed, note: Iterable[Acknowledgement]) -> None:
        """Take in one replayed decision."""
        self.replayed += 1
        told = {"decision": found.past.decision.decision_id, "proposal": found.past.proposal, "at": found.past.at}
        if found.unlike:
            self.unlike_count += 1
            if len(self.unlike) < EXAMPLES:
                self.unlike.append({**told, "why": found.unlike})
            return
        self.reproduced += 1
        if found.flip is None:
            return
        group = self.groups.setdefault(found.flip, Group(found.flip))
        if group.count == 0:
            line = acknowledged(found.flip, note)
            group.acknowledged = line.because if line else ""
        group.count += 1
        if len(group.examples) < EXAMPLES:
            group.examples.append(told)


def past_decisions(records: Iterable[Record], *, since: str = "") -> Iterator[Past]:
    """Every decision of a record with its input, oldest first, from an instant on.

    A decision whose input isn't in the record can't be replayed and comes with empty bytes.
    """
    waiting: dict[str, bytes] = {}
    for record in records:
        if record.kind == "input":
            waiting[record.subject] = canonical.encode(record.body)
        elif record.kind == "decision":
            document = waiting.pop(record.subject, b"")
            if record.at >= since:
                decision = Decision.model_validate(record.body["decision"])
                yield Past(decision, document, record.at, str(record.body.get("proposal", "")))


def replay(
    pasts: Iterable[Past], recorded: Engines, candidate: PolicyEngine, *, mapped: Mapped = map
) -> Iterator[Replayed]:
    """Each past decision, reproduced and then decided by the candidate; ``mapped`` may do several at once.

    ``recorded`` gives the engine of a policy digest, or ``None`` where that policy isn't kept.
    """

    def one(past: Past) -> Replayed:
        unlike = _unlike(past, recorded)
        if unlike:
            return Replayed(past, unlike)
        try:
            after = candidate.decide(past.document)
        except CouldNotDecide as error:
            return Replayed(past, f"the candidate could not decide: {error.message}")
        place = place_of(canonical.parse(past.document, where=past.decision.decision_id))
        return Replayed(past, flip=flip_between(past.decision, after, place))

    return mapped(one, pasts)


def _unlike(past: Past, recorded: Engines) -> str:
    """Why the recorded policy doesn't give the recorded answer; empty where it does."""
    decision = past.decision
    if not past.document:
        return "its input is not in the record"
    if canonical.digest_bytes(past.document) != decision.input_digest:
        return "the recorded input is not the one that was decided on"
    engine = recorded(decision.policy.digest)
    if engine is None:
        return f"policy {decision.policy.revision} is not kept here, so its answer can't be had again"
    try:
        again = engine.decide(past.document)
    except CouldNotDecide as error:
        return f"policy {decision.policy.revision} could not decide: {error.message}"
    return "" if same_answer(decision, again) else f"policy {decision.policy.revision} answers otherwise now"


def with_progress(found: Iterable[Replayed], step: int, say: Callable[[int], None]) -> Iterator[Replayed]:
    """The same, telling how many there were after every ``step``."""
    for number, replayed in enumerate(found, start=1):
        if number % step == 0:
            say(number)
        yield replayed


def summarise(found: Iterable[Replayed], note: Iterable[Acknowledgement]) -> Report:
    """Everything that came of a replay, in memory that doesn't grow with its length."""
    report, lines = Report(), list(note)
    for replayed in found:
        report.add(replayed, lines)
    return report
