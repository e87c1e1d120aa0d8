"""Proof of enforcement: every rule and every limit is damaged in turn, and some scenario has to end otherwise.

Damaged rules are asked of ``opa``; damaged limits of the compiled module, since only the data differs. A mutant counts
as killed at the first scenario that ends otherwise than recorded.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from engine.adapters.opa.bundle import Bundle
from engine.adapters.opa.damaged import DamagedRules, Unanswered, damaged_source
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.mutants import find_mutants, rule_id
from engine.adapters.opa.policy_tree import RULES, PolicyTree
from engine.core import canonical
from engine.core.corpus import Case, End, end_of
from engine.core.decision import Verdict
from engine.core.errors import BadInput, CouldNotDecide
from engine.core.mutant import Mutant, Proof, Trial, raised

WORKERS = 2
CLEAN = 8
TOGETHER = 64
THRESHOLD = 95
FAILING = "its evaluation fails"


class Prover:
    """Proves one policy by one corpus."""

    def __init__(self, tree: PolicyTree, bundle: Bundle, cases: Sequence[Case], *, opa: Path, cache: Path) -> None:
        self._tree, self._bundle, self._cases = tree, bundle, cases
        self._opa, self._cache = opa, cache

    def prove(self, say: Callable[[int, int], None], rules: Collection[str] = ()) -> Proof:
        """Try every mutant, or those of some rules alone, telling how many of how many are done.

        Raises :class:`BadInput` when the corpus doesn't end as it was recorded even without any damage, by either of
        the two ways in which mutants are evaluated.
        """
        wanted = set(rules) or self._rules()
        if unknown := sorted(wanted - self._rules()):
            raise BadInput("there is no such rule", where=unknown[0], remedy="penstock policy docs lists them")
        self._check(self._ends(self._cases))
        mutants = [m for m in find_mutants(self._tree, self._opa) if not rules or m.rule in wanted]
        groups = [list(group) for _, group in groupby(mutants, attrgetter("rule"))]
        trials: list[Trial] = []
        with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(WORKERS) as pool:
            damaged = DamagedRules(self._tree, self._opa, Path(scratch))
            self._check(damaged.undamaged(self._cases))
            for tried in pool.map(lambda group: self._try(group, damaged), groups):
                trials += tried
                say(len(trials), len(mutants))
        return Proof(tuple(trials), tuple(sorted(wanted - self._heard())), THRESHOLD)

    def _check(self, ends: Iterable[End | None]) -> None:
        """Hold the ends of all cases to the recorded ones."""
        stale = [case for case, end in zip(self._cases, ends, strict=True) if end != case.end]
        if stale:
            remedy = "Make the corpus again with make corpus, and look at what changed"
            raise BadInput(
                f"{len(stale)} scenarios end otherwise than recorded", where=stale[0].scenario, remedy=remedy
            )

    def _rules(self) -> set[str]:
        return {rule_id(path) for path in self._tree.rego if path.startswith(RULES)}

    def _heard(self) -> set[str]:
        return {rule for case in self._cases for rule in case.spoke}

    def _try(self, mutants: Sequence[Mutant], damaged: DamagedRules) -> list[Trial]:
        """The trials of one limit, or of everything that can be wrong in one rule."""
        if mutants[0].path:
            noticed = self.noticing(mutants[0])
            return [Trial(mutants[0], "killed", noticed.scenario) if noticed else Trial(mutants[0], "survived")]
        ended: dict[str, Trial] = {}
        named = {f"m{number}": mutant for number, mutant in enumerate(mutants)}
        for cases in self._concerned(mutants[0].rule):
            ended |= self._tried({name: m for name, m in named.items() if name not in ended}, cases, damaged)
        return [ended.get(name) or Trial(mutant, "survived") for name, mutant in named.items()]

    def _tried(self, mutants: Mapping[str, Mutant], cases: Sequence[Case], damaged: DamagedRules) -> dict[str, Trial]:
        """Those of a rule's mutants that come to an end with these cases; each by itself once one spoils the others."""
        if not mutants or not cases:
            return {}
        rule = next(iter(mutants.values())).rule
        sources = {name: damaged_source(self._tree, mutant) for name, mutant in mutants.items()}
        try:
            noticed = [(name, case) for name, case, end in damaged.otherwise(rule, sources, cases) if end != case.end]
        except Unanswered as fault:
            if len(mutants) > 1:
                alone = [self._tried({name: mutant}, cases, damaged) for name, mutant in mutants.items()]
                return {name: trial for trials in alone for name, trial in trials.items()}
            [(name, mutant)] = mutants.items()
            return {name: Trial(mutant, "killed", FAILING) if fault.compiles else Trial(mutant, "stillborn")}
        return {name: Trial(mutants[name], "killed", case.scenario) for name, case in reversed(noticed)}

    def _concerned(self, rule: str) -> Iterator[list[Case]]:
        """Cases by the handful: first those near the rule and some in which nothing refused, then all others."""
        clean = [case for case in self._cases if case.end.outcome != "deny" and rule not in case.spoke]
        near = [case for case in self._cases if rule in (*case.spoke, case.beside)]
        likely = near + [case for case in clean[:: max(1, len(clean) // CLEAN)] if case.beside != rule]
        taken = {id(case) for case in likely}
        rest = [case for case in self._cases if id(case) not in taken]
        for cases in (likely, rest):
            for start in range(0, len(cases), TOGETHER):
                yield cases[start : start + TOGETHER]

    def noticing(self, mutant: Mutant) -> Case | None:
        """The first case that ends otherwise when a limit is raised."""
        return next((case for case, end in self._ends_with(mutant) if end != case.end), None)

    def _ends_with(self, mutant: Mutant) -> Iterator[tuple[Case, End | None]]:
        """Cases with the end they have when a limit is raised, those first whose data was written for that limit."""
        topic = mutant.path[0]
        usual = canonical.digest(self._cases[0].data.get(topic))
        ordered = sorted(self._cases, key=lambda case: canonical.digest(case.data.get(topic)) == usual)
        for group in _by_data(ordered):
            data = raised(group[0].data, mutant.path)
            if data is not None:
                yield from zip(group, self._ends(group, data), strict=True)

    def _ends(self, cases: Sequence[Case], data: dict[str, Any] | None = None) -> Iterator[End | None]:
        """How each case ends with its own data, or with other data."""
        for verdict in verdicts(self._bundle, cases, cache=self._cache, data=data):
            yield None if verdict is None else end_of(verdict)


def verdicts(
    bundle: Bundle, cases: Sequence[Case], *, cache: Path, data: Mapping[str, Any] | None = None
) -> Iterator[Verdict | None]:
    """The verdict on each case with its own data, or with other data; ``None`` where there is none."""
    for group in _by_data(cases):
        document = {"gate": {"data": data if data is not None else group[0].data}}
        with EmbeddedPolicyEngine(replace(bundle, data_json=canonical.encode(document)), cache=cache) as engine:
            for case in group:
                said = None
                with suppress(CouldNotDecide):
                    said = engine.decide(canonical.encode(case.document))
                yield said


def _by_data(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """Neighbours that share their policy data, together, in order."""
    group: list[Case] = []
    for case in cases:
        if group and case.data != group[0].data:
            yield group
            group = []
        group.append(case)
    if group:
        yield group
