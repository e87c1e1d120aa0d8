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

    def otherwise(self, case: Case, among: Collection[Damage]) -> list[Damage]:
        """Those of some damages that make their rule say something else on a case, while all others are sound.

        One that makes the evaluation of its rule fail is among them.
        """
        named = {rule: [name for of, name in among if of == rule] for rule, _ in among}
        asked = {**case.document, "damage": {"among": named}}
        try:
            return [(rule, name) for rule, name in self._policy.ask(OTHERWISE, asked, case.data)]
        except CouldNotDecide:
            if len(among) == 1:
                return list(among)
            parts = ([d for d in among if d[0] == rule] for rule in named) if len(named) > 1 else ([d] for d in among)
            return [damage for part in parts for damage in self.otherwise(case, part)]

    def verdict(self, case: Case, damage: Damage = ("", "")) -> Verdict | None:
        """The verdict on a case with one thing wrong, or with nothing; ``None`` where there is none."""
        asked = {**case.document, "damage": {"rule": damage[0], "name": damage[1]}}
        return self._policy.verdict(asked, case.data)
