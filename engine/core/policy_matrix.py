"""One page on what may happen: alone, with whom, and never, as policy itself answers.

Whoever reads the page in an incident must be able to rely on it, so nothing in it is read from policy data: each cell
is a verdict on a sound input document in which that cell's action, place and environment are set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.decision import Verdict
from engine.core.policy_space import Edits, applied, merged

Ask = Callable[[Mapping[str, Any]], Verdict]

ENVIRONMENTS: Mapping[str, Edits] = {
    "production, critical": {"facts.target.environment": "production", "facts.target.criticality": "critical"},
    "production": {"facts.target.environment": "production", "facts.target.criticality": "standard"},
    "staging": {"facts.target.environment": "staging", "facts.target.criticality": "standard"},
    "development": {"facts.target.environment": "development", "facts.target.criticality": "standard"},
}
SITUATIONS: Mapping[str, Edits] = {
    "the switch is frozen": {"switch.mode": "frozen"},
    "the switch is advisory": {"switch.mode": "advisory"},
    "data would be lost": {"facts.reversibility.data_loss": True, "facts.reversibility.reversible": False},
    "it can't be undone": {"facts.reversibility.reversible": False},
    "what it touches isn't known": {"facts.blast.unknown": ["pods"]},
    "the change doesn't give what was asked for": {"change.verified": False},
    "cited evidence doesn't exist": {"evidence.missing": 1},
    "the target's owner isn't known": {"facts.target.owner": ""},
    "the incident is over": {"incident.status": "resolved"},
}
_NEVER, _BY_PERSON = "never: ", "proposed by a person: "
_OWNER = "owner"
_PERSON: Edits = {"proposer.kind": "person", "proposer.id": "a-person"}
_UNNAMED: Edits = {
    "action.target.cluster": "a-cluster",
    "action.target.namespace": "a-namespace",
    "facts.target.owner": _OWNER,
}


@dataclass(frozen=True, slots=True)
class Row:
    """Kinds of action that are answered alike: one answer for each environment, in their order."""

    kinds: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The page. ``places`` are namespaces that the data names, with the rows in which they differ from anywhere."""

    environments: tuple[str, ...]
    rows: tuple[Row, ...]
    places: Mapping[str, tuple[Row, ...]]
    situations: Mapping[str, str]


def matrix(base: Mapping[str, Any], kinds: Mapping[str, Edits], places: Sequence[tuple[str, str]], ask: Ask) -> Matrix:
    """Ask about every kind in every environment, anywhere and in each place given as cluster and namespace or ``""``.

    ``kinds`` says what goes with each kind of action, as edits of the base.
    """
    anywhere = {kind: _answers(base, merged(_UNNAMED, edits), ask) for kind, edits in kinds.items()}
    named: dict[str, tuple[Row, ...]] = {}
    for cluster, namespace in places:
        told = {"action.target.cluster": cluster, "action.target.namespace": namespace}
        here = merged(_UNNAMED, {path: name for path, name in told.items() if name})
        there = {kind: _answers(base, merged(here, edits), ask) for kind, edits in kinds.items()}
        named[f"{cluster or 'any cluster'}/{namespace or 'any namespace'}"] = _rows(
            (kind, said) for kind, said in there.items() if said != anywhere[kind]
        )
    usual = {kind: dict(zip(ENVIRONMENTS, answers, strict=True))["production"] for kind, answers in anywhere.items()}
    situations = {name: _situation(base, kinds, usual, edits, ask) for name, edits in SITUATIONS.items()}
    return Matrix(tuple(ENVIRONMENTS), _rows(anywhere.items()), named, situations)


def said(base: Mapping[str, Any], edits: Edits, ask: Ask) -> str:
    """What automation may do; where it may do nothing, what a person's own proposal gets."""
    verdict = ask(applied(base, edits))
    if verdict.outcome != "deny":
        return f"{_BY_PERSON if edits.get('proposer.kind') == 'person' else ''}{_told(verdict)}"
    refusing = {violation.rule for violation in verdict.violations}
    if edits.get("proposer.kind") != "pipeline":
        by_person = ask(applied(base, merged(edits, _PERSON)))
        if by_person.outcome != "deny":
            return f"{_BY_PERSON}{_told(by_person)}"
        refusing = refusing & {violation.rule for violation in by_person.violations} or refusing
    return _NEVER + ", ".join(sorted(refusing))


def _answers(base: Mapping[str, Any], edits: Edits, ask: Ask) -> tuple[str, ...]:
    return tuple(said(base, merged(edits, environment), ask) for environment in ENVIRONMENTS.values())


def _told(verdict: Verdict) -> str:
    earnest = "" if verdict.mode == "enforce" else f" ({verdict.mode} only)"
    if verdict.outcome == "allow":
        return ("alone" if verdict.tier else "alone, changes nothing") + earnest
    asked = [f"{wanted.count} of {_role(wanted.role)}" for wanted in verdict.approvals.missing]
    return " and ".join(asked) + earnest


def _role(role: str) -> str:
    return "the owning team" if role == f"team:{_OWNER}" else role.partition(":")[2] or role


def _rows(answers: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Row, ...]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for kind, given in answers:
        alike.setdefault(given, []).append(kind)
    return tuple(Row(tuple(sorted(kinds)), given) for given, kinds in alike.items())


def _situation(
    base: Mapping[str, Any], kinds: Mapping[str, Edits], usual: Mapping[str, str], edits: Edits, ask: Ask
) -> str:
    """In production: what automation and people can still propose, what stops the rest, and what is asked for more."""
    answers = {}
    for kind, fitting in kinds.items():
        place = merged(_UNNAMED, fitting, ENVIRONMENTS["production"])
        answers[kind] = usual[kind], said(base, merged(place, edits), ask)
    changed = {kind: (before, now) for kind, (before, now) in answers.items() if before != now}
    stopped = {rule for before, now in changed.values() for rule in _stopping(now) - _stopping(before)}
    by_automation = [kind for kind, (_, now) in answers.items() if not now.startswith((_NEVER, _BY_PERSON))]
    by_people = [kind for kind, (_, now) in answers.items() if not now.startswith(_NEVER)]
    told = f"automation: {_left(by_automation, len(kinds))}; people: {_left(by_people, len(kinds))}"
    asked = sorted({now for _, now in changed.values() if not now.startswith((_NEVER, _BY_PERSON))})
    told += f"; {len(changed)} then want {' or '.join(asked)}" if asked else ""
    return told + (f"; stopped by {', '.join(sorted(stopped))}" if stopped else "")


def _stopping(told: str) -> set[str]:
    """The rules by which something never happens."""
    return set(told.removeprefix(_NEVER).split(", ")) if told.startswith(_NEVER) else set()


def _left(kinds: Sequence[str], of: int) -> str:
    if not kinds:
        return "nothing"
    return f"only {', '.join(sorted(kinds))}" if len(kinds) <= 5 else f"{len(kinds)} of {of} kinds"
