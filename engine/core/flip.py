"""What an edit of the policy would have changed: one decision as it was, one as it would be, and the difference.

An author reads this before shipping an edit, so a difference is told in the words of outcomes and rules, and one that
lets something through which was stopped before is never lost among those that don't.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.decision import Decision, Verdict

Direction = Literal["new allow", "laxer", "stricter", "other"]

_STRICTNESS = {"allow": 0, "require_approval": 1, "deny": 2}
_ACTING = ("refused", "asks", "raised", "excepted")


@dataclass(frozen=True, slots=True)
class Place:
    """What a decision was about, in the few words by which flips are grouped."""

    incident_class: str
    kind: str
    environment: str
    stage: str

    def as_document(self) -> dict[str, str]:
        """Plain fields, by the names that a change note uses."""
        return {
            "class": self.incident_class,
            "kind": self.kind,
            "environment": self.environment,
            "stage": self.stage,
        }


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision that would come out otherwise. ``gained`` and ``lost`` are rules that spoke after and before."""

    before: str
    after: str
    direction: Direction
    tiers: tuple[int, int]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    place: Place

    @property
    def outcomes(self) -> str:
        """The change in one phrase."""
        return f"{self.before} → {self.after}"


def place_of(document: Mapping[str, Any]) -> Place:
    """Where an input document belongs; what it doesn't say is ``none``."""
    incident = document.get("incident") or {}
    facts = document.get("facts") or {}
    return Place(
        incident_class=str(incident.get("incident_class") or ("novel" if incident.get("novel") else "none")),
        kind=str((document.get("action") or {}).get("kind", "none")),
        environment=str((facts.get("target") or {}).get("environment", "unknown")),
        stage=str(document.get("stage", "none")),
    )


def flip_between(before: Decision | Verdict, after: Decision | Verdict, place: Place) -> Flip | None:
    """The difference that matters to somebody: outcome, mode, tier or the approvals wanted; ``None`` without one."""
    if _gist(before) == _gist(after):
        return None
    then, now = speaking(before), speaking(after)
    return Flip(
        before=_outcome(before),
        after=_outcome(after),
        direction=_direction(before, after),
        tiers=(before.tier, after.tier),
        gained=tuple(sorted(now - then)),
        lost=tuple(sorted(then - now)),
        place=place,
    )


def speaking(said: Decision | Verdict) -> set[str]:
    """The rules that refused, asked, raised the tier or were set aside."""
    return {result.rule for result in said.rules if result.status in _ACTING}


def same_answer(recorded: Decision, again: Verdict) -> bool:
    """Whether a verdict is the very one that was recorded, whatever order its sets came in."""
    then, now = recorded.model_dump(exclude=set(BESIDE)), again.model_dump(exclude={"ttl_seconds"})
    return bool(_normal(then) == _normal(now))


# What a decision has beside the verdict of policy: which input, action and policy, until when, and others' words.
BESIDE = frozenset(Decision.model_fields) - frozenset(Verdict.model_fields)


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _normal(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return sorted((_normal(part) for part in value), key=repr)
    return value


def _outcome(said: Decision | Verdict) -> str:
    return said.outcome if said.mode == "enforce" else f"{said.outcome} ({said.mode})"


def _wanted(said: Decision | Verdict) -> dict[str, int]:
    return {asked.role: asked.count for asked in said.approvals.required}


def _gist(said: Decision | Verdict) -> tuple[Any, ...]:
    return (said.outcome, said.mode, said.tier, sorted(_wanted(said).items()))


def _direction(before: Decision | Verdict, after: Decision | Verdict) -> Direction:
    then, now = _STRICTNESS[before.outcome], _STRICTNESS[after.outcome]
    acts = after.mode == "enforce"
    if after.outcome == "allow" and acts and (then > now or before.mode != "enforce"):
        return "new allow"
    if then != now:
        return "laxer" if now < then else "stricter"
    if before.mode != after.mode:
        return "laxer" if acts else "stricter"
    asked, asks = _wanted(before), _wanted(after)
    fewer = any(asks.get(role, 0) < count for role, count in asked.items())
    more = any(asked.get(role, 0) < count for role, count in asks.items())
    if fewer == more:
        return "other"
    return "laxer" if fewer else "stricter"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One line of a change note: flips that its author meant, and why. Empty fields match anything."""

    because: str
    outcomes: str = ""
    rule: str = ""
    place: tuple[tuple[str, str], ...] = ()

    def covers(self, flip: Flip) -> bool:
        """Whether a flip is one that this line speaks of."""
        about = flip.place.as_document()
        return (
            self.outcomes in ("", flip.outcomes)
            and (not self.rule or self.rule in (*flip.lost, *flip.gained))
            and all(about[name] == value for name, value in self.place)
        )


def acknowledged(flip: Flip, note: Iterable[Acknowledgement]) -> Acknowledgement | None:
    """The line of a change note that speaks of a flip."""
    return next((line for line in note if line.covers(flip)), None)
