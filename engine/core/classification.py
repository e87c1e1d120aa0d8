"""Classification: which runbook an incident belongs to, from its signals alone.

What matched is remembered for each runbook, not each signal, so a hundred thousand signals cost what one does and
none of them can push an earlier one out. An incident that no runbook fits, or that two fit equally well, is novel
and goes to senior people, whatever an analysis says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from engine.core.pattern import MESSAGE_LIMIT
from engine.core.runbook import Runbook, Trigger
from engine.core.signal import Signal


@dataclass(frozen=True, slots=True)
class Matches:
    """What the signals so far matched: the best specificity for each runbook, and runbooks that are ruled out."""

    best: Mapping[str, int] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Classification:
    """The class, empty when novel. ``candidates`` are the classes that fit equally well when it is ambiguous."""

    incident_class: str
    candidates: tuple[str, ...] = ()

    @property
    def novel(self) -> bool:
        """Whether no runbook, or not exactly one, fits."""
        return not self.incident_class


class RunbookIndex:
    """Runbooks by the reasons they know, so that a signal is held only against triggers that could match it."""

    def __init__(self, runbooks: Iterable[Runbook], *, confirm: Callable[[str], Runbook] | None = None) -> None:
        """``confirm`` gives a runbook by its id as one that may be followed, where ``runbooks`` may only be matched."""
        self._confirm = confirm
        self._confirmed: dict[str, Runbook] = {}
        self.runbooks: dict[str, Runbook] = {book.id: book for book in sorted(runbooks, key=lambda book: book.id)}
        self._causes = {book: self._above(book) for book in self.runbooks}
        self._matching = _by_reason((b.id, t) for b in self.runbooks.values() for t in b.triggers)
        self._alone = {r for b in self.runbooks.values() if b.stands_alone for t in b.triggers for r in t.reasons}
        self._excluding = _by_reason((b.id, t) for b in self.runbooks.values() for t in b.excluded_by)

    def get(self, incident_class: str) -> Runbook | None:
        """The runbook of a class, or ``None``."""
        if self._confirm is None or incident_class not in self.runbooks:
            return self.runbooks.get(incident_class)
        if incident_class not in self._confirmed:
            self._confirmed[incident_class] = self._confirm(incident_class)
        return self._confirmed[incident_class]

    def matching(self, signal: Signal) -> dict[str, int]:
        """The runbooks this signal matches, with the specificity of the best trigger."""
        found: dict[str, int] = {}
        for runbook_id, trigger in self._matching.get(signal.reason, ()):
            if matches(trigger, signal):
                found[runbook_id] = max(found.get(runbook_id, 0), trigger.specificity)
        return found

    def observe(self, known: Matches, signal: Signal) -> Matches:
        """What is known after one more signal; the same object when it says nothing new."""
        found = self.matching(signal)
        excluded = {i for i, trigger in self._excluding.get(signal.reason, ()) if matches(trigger, signal)}
        better = {i: score for i, score in found.items() if score > known.best.get(i, 0)}
        if not better and excluded <= known.excluded:
            return known
        return Matches({**known.best, **better}, known.excluded | excluded)

    def conclude(self, known: Matches) -> Classification:
        """The class of what matched.

        A runbook yields to those it is a symptom of, and to what those are symptoms of; of the others the most
        specific trigger wins, and equals are ambiguous.
        """
        fitting = {i: s for i, s in known.best.items() if i not in known.excluded and i in self.runbooks}
        standing = {i: s for i, s in fitting.items() if not self._causes[i] & fitting.keys()}
        if not standing:
            return Classification("", tuple(sorted(fitting)))
        best = max(standing.values())
        winners = tuple(sorted(i for i, score in standing.items() if score == best))
        return Classification(winners[0]) if len(winners) == 1 else Classification("", winners)

    def lane(self, signal: Signal) -> str:
        """The class whose signals make an incident of their own on an object; empty for all others."""
        if signal.reason not in self._alone:
            return ""
        found = self.matching(signal)
        alone = [i for i in found if self.runbooks[i].stands_alone]
        return max(alone, key=lambda i: (found[i], i)) if alone else ""

    def conflicts(self) -> list[str]:
        """Sentences about runbooks that no order can be made of; empty when all is well."""
        return [*self._unknown_yields(), *self._circles(), *self._ties()]

    def _unknown_yields(self) -> list[str]:
        return [
            f"{book.id} yields to {other}, which is no runbook"
            for book in self.runbooks.values()
            for other in book.yields_to
            if other not in self.runbooks
        ]

    def _circles(self) -> list[str]:
        return [
            f"{book.id} yields to itself by way of {', '.join(book.yields_to)}"
            for book in self.runbooks.values()
            if book.id in self._causes[book.id]
        ]

    def _above(self, runbook_id: str) -> set[str]:
        seen: set[str] = set()
        ahead = list(self.runbooks[runbook_id].yields_to)
        while ahead:
            one = ahead.pop()
            if one not in seen and one in self.runbooks:
                seen.add(one)
                ahead.extend(self.runbooks[one].yields_to)
        return seen

    def _ties(self) -> list[str]:
        found = []
        for one, other in combinations(self.runbooks.values(), 2):
            if other.id in self._causes[one.id] or one.id in self._causes[other.id]:
                continue
            pairs = ((a, b) for a in one.triggers for b in other.triggers)
            shared = next((r for a, b in pairs for r in sorted(_overlap(a, b))), None)
            if shared:
                found.append(f"{one.id} and {other.id} both claim {shared} equally; let one yield to the other")
        return found


def classify(signals: Sequence[Signal], index: RunbookIndex) -> Classification:
    """The class of these signals taken together."""
    known = Matches()
    for signal in signals:
        known = index.observe(known, signal)
    return index.conclude(known)


def matches(trigger: Trigger, signal: Signal) -> bool:
    """Whether a signal is what a trigger describes. A signal that says something is over describes nothing."""
    root = signal.owners[-1] if signal.owners else signal.subject
    return (
        not signal.resolved
        and signal.reason in trigger.reasons
        and (trigger.source is None or signal.source == trigger.source)
        and (trigger.kinds is None or signal.subject.kind in trigger.kinds)
        and (trigger.owners is None or root.kind in trigger.owners)
        and (trigger.labels is None or all(signal.labels.get(k) == v for k, v in trigger.labels.items()))
        and (trigger.pattern is None or trigger.pattern.search(signal.message[:MESSAGE_LIMIT]) is not None)
    )


def _by_reason(triggers: Iterable[tuple[str, Trigger]]) -> dict[str, list[tuple[str, Trigger]]]:
    found: dict[str, list[tuple[str, Trigger]]] = {}
    for runbook_id, trigger in triggers:
        for reason in trigger.reasons:
            found.setdefault(reason, []).append((runbook_id, trigger))
    return found


def _overlap(one: Trigger, other: Trigger) -> set[str]:
    """Reasons that both claim with equal specificity; triggers that look at text or labels can't be compared."""
    if one.specificity != other.specificity or one.message or other.message or one.labels or other.labels:
        return set()
    for a, b in ((one.kinds, other.kinds), (one.owners, other.owners)):
        if a is not None and b is not None and not set(a) & set(b):
            return set()
    if one.source and other.source and one.source != other.source:
        return set()
    return set(one.reasons) & set(other.reasons)
