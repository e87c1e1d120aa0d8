"""Proof of enforcement: every rule and every limit is damaged in turn, and some scenario has to end otherwise.

A mutant counts as killed at the first scenario that ends otherwise than recorded. Both kinds are asked of a compiled
policy: damaged rules of one that has every damage in it, raised limits of the shipped one with other data.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from engine.adapters.opa.bundle import Bundle
from engine.adapters.opa.damaged import DamagedPolicy
from engine.adapters.opa.mutants import find_mutants
from engine.adapters.opa.mutated_tree import GONE, Damage
from engine.adapters.opa.policy_tree import RULES, PolicyTree, rule_id
from engine.adapters.opa.with_data import PolicyWithData
from engine.core.corpus import Case, End, end_of
from engine.core.decision import Verdict
from engine.core.errors import BadInput
from engine.core.mutant import Mutant, Proof, Trial, raised

WORKERS = 2
THRESHOLD = 95
FAILING = "its evaluation fails"


class Prover:
    """Proves one policy by one corpus."""

    def __init__(self, tree: PolicyTree, bundle: Bundle, cases: Sequence[Case], *, opa: Path, cache: Path) -> None:
        self._tree, self._cases = tree, cases
        self._opa, self._cache = opa, cache
        self._shipped = PolicyWithData(bundle, cache=cache)

    def prove(self, say: Callable[[int, int], None], rules: Collection[str] = ()) -> Proof:
        """Try every mutant, or those of some rules alone, telling how many of how many are done.

        Raises :class:`BadInput` when the corpus doesn't end as it was recorded even without any damage, by either of
        the two policies that mutants are asked of.
        """
        known = {rule_id(path) for path in self._tree.rego if path.startswith(RULES)}
        every = list(find_mutants(self._tree, self._opa))
        if unknown := sorted({*rules} - known - {mutant.rule for mutant in every}):
            raise BadInput("there is no such rule", where=unknown[0], remedy="penstock policy docs lists them")
        wanted = known & {*rules} if rules else known
        mutants = [mutant for mutant in every if not rules or mutant.rule in rules]
        trials: list[Trial] = []
        with ThreadPoolExecutor(WORKERS) as pool:
            self._check(pool.map(lambda case: self._shipped.verdict(case.document, case.data), self._cases))
            for part in (self._of_rules, self._of_limits):
                for trial in part(mutants, pool):
                    trials.append(trial)
                    say(len(trials), len(mutants))
        heard = {rule for case in self._cases for rule in case.spoke}
        return Proof(tuple(trials), tuple(sorted(wanted - heard)), THRESHOLD)

    def _check(self, said: Iterable[Verdict | None]) -> None:
        """Hold the ends of all cases to the recorded ones."""
        stale = [case for case, verdict in zip(self._cases, said, strict=True) if _end(verdict) != case.end]
        if stale:
            remedy = "Make the corpus again with make corpus, and look at what changed"
            raise BadInput(
                f"{len(stale)} scenarios end otherwise than recorded", where=stale[0].scenario, remedy=remedy
            )

    def _of_rules(self, mutants: Iterable[Mutant], pool: ThreadPoolExecutor) -> Iterator[Trial]:
        """The trials of everything that can be wrong in rules."""
        named = name_damages(mutants)
        damaged = DamagedPolicy(self._tree, named, opa=self._opa, cache=self._cache)
        self._check(pool.map(damaged.verdict, self._cases))
        where = defaultdict[Damage, list[Case]](list)
        asked = partial(damaged.otherwise, among=damaged.born)
        for case, differing in zip(self._cases, pool.map(asked, self._cases), strict=True):
            for damage in differing:
                where[damage].append(case)
        yield from (Trial(mutant, "stillborn") for damage, mutant in named.items() if damage not in damaged.born)
        yield from pool.map(lambda damage: _trial(damaged, named[damage], damage, where[damage]), damaged.born)

    def _of_limits(self, mutants: Iterable[Mutant], pool: ThreadPoolExecutor) -> Iterator[Trial]:
        """The trials of all limits, each asked first in the cases that were looked for it or whose data is about it."""
        yield from pool.map(self._limit, (mutant for mutant in mutants if mutant.path))

    def _limit(self, mutant: Mutant) -> Trial:
        topic = mutant.path[0]
        usual = self._cases[0].data.get(topic)
        alike = Counter(id(case.data) for case in self._cases)  # loaded anew for each limit, the commonest first

        def unlikely(case: Case) -> tuple[bool, bool, int, int]:
            about = case.data.get(topic) != usual
            return case.beside != mutant.rule, not about, -alike[id(case.data)], id(case.data)

        ordered = sorted(self._cases, key=unlikely)
        other: dict[int, dict[str, Any] | None] = {}
        for case in ordered:
            if id(case.data) not in other:
                other[id(case.data)] = raised(case.data, mutant.path)
            data = other[id(case.data)]
            if data is not None and _end(self._shipped.verdict(case.document, data)) != case.end:
                return Trial(mutant, "killed", case.scenario)
        return Trial(mutant, "survived")


def name_damages(mutants: Iterable[Mutant]) -> Mapping[Damage, Mutant]:
    """What can be wrong with rules, each by a name of its own."""
    of_rules = [mutant for mutant in mutants if not mutant.path]
    return {(m.rule, GONE if m.edit is None else f"m{number}"): m for number, m in enumerate(of_rules)}


def _trial(damaged: DamagedPolicy, mutant: Mutant, damage: Damage, differing: Iterable[Case]) -> Trial:
    """What becomes of a damage in the cases where its rule says something else, the likeliest first."""
    for case in sorted(differing, key=lambda case: (case.beside != damage[0], len(case.spoke))):
        end = _end(damaged.verdict(case, damage))
        if end != case.end:
            return Trial(mutant, "killed", case.scenario if end else FAILING)
    return Trial(mutant, "survived")


def _end(verdict: Verdict | None) -> End | None:
    return None if verdict is None else end_of(verdict)
