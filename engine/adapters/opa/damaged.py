"""Asks a policy that has every damage of its rules in it, one of them at a time, or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from engine.adapters.opa.bundle import ENTRYPOINT, bundle_of
from engine.adapters.opa.mutated_tree import OTHERWISE, Damage, mutated
from engine.adapters.opa.policy_tree import PolicyTree
from engine.adapters.opa.with_data import PolicyWithData
from engine.core.corpus import Case
from engine.core.decision import Verdict
from engine.core.errors import CouldNotDecide
from engine.core.mutant import Mutant


class DamagedPolicy:
    """A policy and everything that can be wrong with its rules. Safe to use from several threads.

    ``born`` are the damages that compile.
    """

    def __init__(self, tree: PolicyTree, mutants: Mapping[Damage, Mutant], *, opa: Path, cache: Path) -> None:
        """Build it. Raises :class:`~engine.core.errors.BadInput` for a policy that doesn't compile undamaged."""
        whole, stillborn = mutated(tree, mutants, opa)
        self.born = [damage for damage in mutants if damage not in stillborn]
        bundle = bundle_of(whole, cache=cache, opa=lambda: opa, entrypoints=(ENTRYPOINT, OTHERWISE))
        self._policy = PolicyWithData(bundle, cache=cache)

    def otherwise(self, case: Case, rules: Collection[str]) -> list[Damage]:
        """The damages that make one of these rules say something else on a case, while all others are sound.

        Where one of a rule's damages makes its evaluation fail, any of them may.
        """
        asked = {**case.document, "damage": {"among": sorted(rules)}}
        try:
            return [(rule, name) for rule, name in self._policy.ask(OTHERWISE, asked, case.data)]
        except CouldNotDecide:
            if len(rules) > 1:
                return [damage for rule in sorted(rules) for damage in self.otherwise(case, [rule])]
            return [damage for damage in self.born if damage[0] in rules]

    def verdict(self, case: Case, damage: Damage = ("", "")) -> Verdict | None:
        """The verdict on a case with one thing wrong, or with nothing; ``None`` where there is none."""
        asked = {**case.document, "damage": {"rule": damage[0], "name": damage[1]}}
        return self._policy.verdict(asked, case.data)
