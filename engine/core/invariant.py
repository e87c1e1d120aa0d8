"""An invariant: a named sentence about every input, in a form that can be tried on one input or on two.

Rules say what they refuse; nothing in them says what the whole policy never does. That is written here, apart from
the rules, so that an edit of a rule which breaks it is found before anybody relies on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from engine.core.decision import Verdict
from engine.core.flip import Place, flip_between, speaking
from engine.core.policy_space import at

Comparison = Literal["laxer", "stricter", "different", "allowed no longer", "allowed by both"]
Way = Literal["larger", "smaller", "other"]

VERDICT = "verdict."
_NOWHERE = Place("", "", "", "")
_TESTS = ("not", "above", "at_least", "below", "none_of", "any_of")


@dataclass(frozen=True, slots=True)
class Said:
    """What matters of a verdict: ``people`` who count as approvers, rules by id; ``error`` where there was none."""

    outcome: str = "none"
    mode: str = "none"
    tier: int = -1
    people: int = 0
    missing: tuple[tuple[str, int], ...] = ()
    excepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    verdict: Verdict | None = None
    error: str = ""

    @property
    def gist(self) -> str:
        """Outcome and mode, in the words of a replay."""
        if self.error:
            return f"no decision ({self.error})"
        return self.outcome if self.mode == "enforce" else f"{self.outcome} ({self.mode})"


@dataclass(frozen=True, slots=True)
class Relation:
    """How the second input comes of the first: fields made larger, smaller or another value, or edits laid over."""

    ways: tuple[tuple[str, Way], ...] = ()
    first: tuple[tuple[str, Any], ...] = ()
    second: tuple[tuple[str, Any], ...] = ()
    each_review: tuple[tuple[str, Any], ...] = ()
    never: Comparison = "laxer"


@dataclass(frozen=True, slots=True)
class Invariant:
    """``says`` is the sentence. Where ``when`` holds, ``then`` has to, and the relation's comparison never does.

    ``over`` names axes that are exhausted besides those the conditions name. ``absent`` lists words that no field of
    the input document may have for a name; ``leaves_out`` tries each input with each of its fields missing.
    ``whole`` asks for the decision with all its reasons, and not only for its gist.
    """

    name: str
    says: str
    when: tuple[tuple[str, Any], ...] = ()
    then: tuple[tuple[str, Any], ...] = ()
    relation: Relation | None = None
    over: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    leaves_out: bool = False
    whole: bool = False

    @property
    def names(self) -> list[str]:
        """Paths of the input document that it speaks of, in order."""
        asked = [path for path, _ in self.when if not path.startswith(VERDICT)]
        related = [path for path, _ in self.relation.ways] if self.relation else []
        return list(dict.fromkeys([*asked, *related, *self.over]))

    def concerns(self, document: Mapping[str, Any]) -> bool:
        """Whether what it says of the input holds."""
        return all(fits(at(document, path), want) for path, want in self.when if not path.startswith(VERDICT))

    def applies(self, document: Mapping[str, Any], said: Said) -> bool:
        """Whether all it presupposes holds, of the input and of the verdict."""
        told = ((path, want) for path, want in self.when if path.startswith(VERDICT))
        return self.concerns(document) and all(fits(of(said, path), want) for path, want in told)

    def broken_by(self, first: Said, second: Said | None) -> bool:
        """Whether verdicts on inputs to which it applies break it. No decision at all always does."""
        if first.error or (second is not None and second.error):
            return True
        if second is not None and self.relation is not None:
            return self.relation.never in compared(first, second)
        return not all(fits(of(first, path), want) for path, want in self.then)


def said_of(verdict: Verdict) -> Said:
    """What matters of a verdict."""
    heard = speaking(verdict)
    by = {person for given in verdict.approvals.satisfied for person in given.by}
    return Said(
        outcome=verdict.outcome,
        mode=verdict.mode,
        tier=verdict.tier,
        people=len(by),
        missing=tuple(sorted((lacking.role, lacking.count) for lacking in verdict.approvals.missing)),
        excepted=tuple(result.rule for result in verdict.rules if result.status == "excepted"),
        refused=tuple(sorted({violation.rule for violation in verdict.violations})),
        shown=tuple(sorted(result.rule for result in verdict.rules if result.status in ("asks", "raised"))),
        verdict=verdict.model_copy(update={"rules": [result for result in verdict.rules if result.rule in heard]}),
    )


def of(said: Said, path: str) -> Any:
    """A word about a verdict: outcome, mode, tier, people, excepted, refused."""
    return getattr(said, path.removeprefix(VERDICT))


def compared(first: Said, second: Said) -> set[str]:
    """How the second verdict stands to the first, in every word of a :data:`Comparison` that holds."""
    assert first.verdict is not None and second.verdict is not None  # noqa: S101 - errors were looked at before
    flip = flip_between(first.verdict, second.verdict, _NOWHERE)
    allowed = (first.outcome == "allow", second.outcome == "allow")
    words = {"allowed no longer"} if allowed == (True, False) else {"allowed by both"} if all(allowed) else set()
    if flip is None:
        return words | _asked(first, second)
    return {*words, "laxer" if flip.direction == "new allow" else flip.direction, "different"}


def _asked(first: Said, second: Said) -> set[str]:
    """How much is still asked for, where everything else is the same."""
    before, after = dict(first.missing), dict(second.missing)
    if before == after:
        return set()
    fewer = any(after.get(role, 0) < count for role, count in before.items())
    more = any(before.get(role, 0) < count for role, count in after.items())
    return {"different", *({"laxer"} if fewer and not more else {"stricter"} if more and not fewer else set())}


def fits(value: Any, want: Any) -> bool:
    """Whether a value is what a condition wants: equal, one of a list that isn't empty, or as a test says."""
    if isinstance(want, list) and want:
        return any(_equal(value, each) for each in want)
    if isinstance(want, Mapping):
        return all(_test(word, value, bound) for word, bound in want.items())
    return _equal(value, want)


def _equal(value: Any, want: Any) -> bool:
    return bool(type(value) is type(want) and value == want)


def _test(word: str, value: Any, bound: Any) -> bool:
    if word == "not":
        return not fits(value, bound)
    if word in ("none_of", "any_of"):
        hit = any(fnmatchcase(str(each), pattern) for each in value or () for pattern in bound)
        return hit == (word == "any_of")
    if not isinstance(value, int):
        return False
    holds: bool = {"above": value > bound, "at_least": value >= bound, "below": value < bound}[word]
    return holds


def unknown_tests(want: Any) -> Iterator[str]:
    """The words of a condition that are no tests."""
    if isinstance(want, Mapping):
        yield from (word for word in want if word not in _TESTS)
