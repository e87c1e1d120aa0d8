"""The corpus: what policy saw and answered in every scenario, kept small enough to be read and reviewed.

Each case is written as what differs from the first one. So an author sees in a line what a scenario is about, and a
changed schema shows as one changed line instead of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from engine.core import canonical
from engine.core.decision import Verdict
from engine.core.errors import BadInput
from engine.core.flip import speaking

_MISSING = object()


@dataclass(frozen=True, slots=True)
class End:
    """Where a decision ends for those who wait for it: what happens, who is still asked, how many seconds it stands."""

    outcome: str
    mode: str
    tier: int
    missing: tuple[tuple[str, int], ...]
    lasts: int


@dataclass(frozen=True, slots=True)
class Case:
    """One input document, the policy data it was decided with, its end, and the rules that spoke.

    ``beside`` is the rule that a near miss was looked for, empty for what happened in a scenario.
    """

    scenario: str
    document: Mapping[str, Any]
    data: Mapping[str, Any]
    end: End
    spoke: frozenset[str]
    beside: str = ""


def end_of(said: Verdict) -> End:
    """The end of a verdict."""
    missing = tuple(sorted((wanted.role, wanted.count) for wanted in said.approvals.missing))
    return End(said.outcome, said.mode, said.tier, missing, said.ttl_seconds)


def case_of(scenario: str, document: Mapping[str, Any], data: Mapping[str, Any], said: Verdict) -> Case:
    """A case as it was decided."""
    return Case(scenario, document, data, end_of(said), frozenset(speaking(said)))


def select(cases: Iterable[Case], *, each: int) -> list[Case]:
    """The few that are needed: ``each`` of every rule that spoke, those with the fewest others speaking first.

    Cases in which nothing refused are all kept, because a mutant that refuses too much shows in them. Equal inputs
    are kept once.
    """
    distinct = {canonical.digest([case.document, case.data]): case for case in cases}
    ordered = sorted(distinct.values(), key=lambda case: (len(case.spoke), case.scenario))
    needed: dict[str, int] = {}
    kept = []
    for case in ordered:
        wanted = [rule for rule in case.spoke if needed.get(rule, 0) < each]
        if not wanted and case.end.outcome == "deny":
            continue
        for rule in case.spoke:
            needed[rule] = needed.get(rule, 0) + 1
        kept.append(case)
    return sorted(kept, key=lambda case: case.scenario)


def write_cases(cases: Iterable[Case]) -> Iterator[bytes]:
    """One line a case: the first whole, every other one as its difference from the first."""
    first: dict[str, Any] | None = None
    for case in cases:
        whole = {"document": case.document, "data": case.data}
        told = {"scenario": case.scenario, "end": _end_document(case.end), "spoke": sorted(case.spoke)}
        told |= {"beside": case.beside} if case.beside else {}
        if first is None:
            first = whole
            yield canonical.encode({**told, **whole}) + b"\n"
            continue
        changes: dict[str, Any] = {}
        without: list[str] = []
        _differ("", first, whole, changes, without)
        yield canonical.encode({**told, "changes": changes, "without": without}) + b"\n"


def read_cases(lines: Iterable[bytes], *, where: str) -> list[Case]:
    """The cases that :func:`write_cases` wrote. Raises :class:`BadInput` naming the line."""
    first: dict[str, Any] | None = None
    cases = []
    shared: dict[str, Any] = {}  # cases with equal data share it
    for number, line in enumerate(lines, start=1):
        place = f"{where}:{number}"
        told = canonical.parse(line, where=place, limit=4_194_304)
        try:
            if first is None:
                first = whole = {"document": told["document"], "data": told["data"]}
            else:
                whole = _apply(first, told["changes"], told["without"])
            whole["data"] = shared.setdefault(canonical.digest(whole["data"]), whole["data"])
            cases.append(_case(told, whole))
        except (KeyError, TypeError, ValueError):
            raise BadInput("is no case of a corpus", where=place, remedy="Make it again: make corpus") from None
    return cases


def _case(told: Mapping[str, Any], whole: Mapping[str, Any]) -> Case:
    end = told["end"]
    missing = tuple((str(role), int(count)) for role, count in sorted(end["missing"].items()))
    return Case(
        scenario=str(told["scenario"]),
        document=whole["document"],
        data=whole["data"],
        end=End(end["outcome"], end["mode"], int(end["tier"]), missing, int(end["lasts"])),
        spoke=frozenset(told["spoke"]),
        beside=str(told.get("beside", "")),
    )


def _end_document(end: End) -> dict[str, Any]:
    told = {"outcome": end.outcome, "mode": end.mode, "tier": end.tier, "lasts": end.lasts}
    return {**told, "missing": dict(end.missing)}


def _differ(path: str, before: Any, after: Any, changes: dict[str, Any], without: list[str]) -> None:
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        if before is _MISSING or before != after or type(before) is not type(after):
            changes[path] = after
        return
    for key in sorted({*before, *after}):
        below = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in after:
            without.append(below)
        else:
            _differ(below, before.get(key, _MISSING), after[key], changes, without)


def _apply(first: Mapping[str, Any], changes: Mapping[str, Any], without: Iterable[str]) -> dict[str, Any]:
    whole = deepcopy(dict(first))
    for path in without:
        node, last = _parent(whole, path)
        del node[last]
    for path, value in changes.items():
        node, last = _parent(whole, path)
        node[last] = value
    return whole


def _parent(whole: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    node = whole
    for part in way:
        node = node[part]
    return node, last
