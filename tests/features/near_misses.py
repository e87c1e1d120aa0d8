"""Near misses for the corpus: a scenario with few things otherwise, where only that shows what is wrong with a rule.

Scenarios tell what happens at night; few of them stand right beside each condition of each rule. So for every damage
that no scenario notices, one is looked for that does once a field or two have another value. It is named after its
scenario and those values, and kept with the answer of the sound policy, which a reviewer sees in the diff.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from functools import cache
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from engine.adapters.opa.bundle import load_bundle
from engine.adapters.opa.damaged import DamagedPolicy
from engine.adapters.opa.mutants import find_mutants
from engine.adapters.opa.policy_tree import read_policies
from engine.adapters.opa.prove import Prover, name_damages
from engine.adapters.opa.space_files import read_space
from engine.adapters.opa.with_data import PolicyWithData
from engine.core import canonical
from engine.core.corpus import Case, End, case_of, end_of, read_cases, write_cases
from engine.core.decision import Verdict
from engine.core.mutant import Mutant, raised
from engine.settings import read_settings
from engine.wiring import obtain_tool
from tests.conftest import ROOT
from tests.features.beside import Beside, Reads, candidates, reads_of, reads_of_limit, repaired
from tests.features.corpus import is_input

POLICIES = ROOT / "policies"
CORPUS = POLICIES / "corpus" / "cases.jsonl"
CACHE = read_settings().cache
MOST = 12_000
ALIKE = 25  # tries of a damage while the same rules refuse
ALIKE_LIMIT = 600  # and of a limit, for which every case may matter


def add_near_misses(rules: Sequence[str]) -> None:
    """Look for what notices the damages of these rules, or of all and of limits; the corpus is written after each."""
    opa = Path(obtain_tool(read_settings(), "opa"))
    tree, bundle = read_policies(POLICIES), load_bundle(POLICIES, cache=CACHE, opa=lambda: opa)
    cases = _cases()
    proof = Prover(tree, bundle, cases, opa=opa, cache=CACHE).prove(_say, rules)
    missed = [list(group) for _, group in groupby(proof.survivors, attrgetter("rule"))]
    with ProcessPoolExecutor(2) as pool:
        waiting = [pool.submit(search, group) for group in missed]
        for done in as_completed(waiting):
            group, beside = done.result()
            print(f"{group[0].rule}: {len(group)} damages unnoticed, {len(beside)} near misses found", flush=True)
            kept = {canonical.digest([case.document, case.data]): case for case in (*beside, *cases)}
            cases = sorted(kept.values(), key=attrgetter("scenario"))
            CORPUS.write_bytes(b"".join(write_cases(cases)))


def _cases() -> list[Case]:
    return read_cases(CORPUS.read_bytes().splitlines(), where=str(CORPUS))


def _say(done: int, of: int) -> None:
    if done == of:
        print(f"{of} damages tried", flush=True)


class Asking:
    """The sound policy and the damaged ones, as one process asks them."""

    def __init__(self) -> None:
        opa = Path(obtain_tool(read_settings(), "opa"))
        self.tree = read_policies(POLICIES)
        self.cases = _cases()
        self.space = read_space(POLICIES, ())
        named = name_damages(find_mutants(self.tree, opa))
        self._damages = {(mutant.rule, mutant.edit): damage for damage, mutant in named.items()}
        self._mutants = named
        self._damaged = DamagedPolicy(self.tree, named, opa=opa, cache=CACHE)
        self._sound = PolicyWithData(load_bundle(POLICIES, cache=CACHE, opa=lambda: opa), cache=CACHE)
        self._raised: dict[tuple[int, tuple[str, ...]], tuple[Any, dict[str, Any] | None]] = {}

    def reads(self, mutant: Mutant) -> Reads:
        """What is read where a damage is."""
        if mutant.path:
            return reads_of_limit(self.tree, mutant.path[0])
        return self.reads_of_rule(mutant.rule)

    def reads_of_rule(self, rule: str) -> Reads:
        """What a rule reads."""
        return reads_of(self.tree, f"gate/rules/{rule}/{rule.split('/')[1]}.rego")

    def touched(self, case: Case, left: set[Mutant]) -> list[Mutant]:
        """Those of some damages of one rule or limit that may matter in a case."""
        first = next(iter(left))
        if first.path:
            return [first]
        among = [self._damages[mutant.rule, mutant.edit] for mutant in left]
        return [self._mutants[damage] for damage in self._damaged.otherwise(case, among)]

    def verdict(self, case: Case) -> Verdict | None:
        """What the sound policy says."""
        return self._sound.verdict(case.document, case.data)

    def end(self, case: Case, mutant: Mutant) -> End | None:
        """How a case ends with one thing wrong."""
        if mutant.path:
            key = (id(case.data), mutant.path)
            if key not in self._raised:
                self._raised[key] = (case.data, raised(case.data, mutant.path))
            data = self._raised[key][1]
            said = self._sound.verdict(case.document, data) if data else self.verdict(case)
        else:
            said = self._damaged.verdict(case, self._damages[mutant.rule, mutant.edit])
        return None if said is None else end_of(said)


asking = cache(Asking)


def search(missed: Sequence[Mutant]) -> tuple[Sequence[Mutant], list[Case]]:
    """The cases that notice damages of one rule or limit, each once; a damage that none notices is left as it is."""
    asked, left, tries = asking(), set(missed), Counter[tuple[Mutant, frozenset[str]]]()
    reads = asked.reads(missed[0])
    found: list[Case] = []
    for beside in islice(candidates(missed[0], reads, asked.space, asked.cases), MOST):
        case = beside.made()
        if not left:
            break
        if (case.document, case.data) == (beside.case.document, beside.case.data) or not _fits(case, missed[0]):
            continue
        touched = asked.touched(case, left)
        said = asked.verdict(case) if touched else None
        for mutant in touched if said else ():
            alike = (mutant, frozenset(violation.rule for violation in said.violations))
            tries[alike] += 1
            if tries[alike] <= (ALIKE_LIMIT if mutant.path else ALIKE):
                noticing = _noticing(beside, mutant, reads, said)
                if noticing:
                    left.discard(mutant)
                    found.append(_answered(_plainest(noticing, mutant), mutant))
    return missed, found


def _noticing(beside: Beside, mutant: Mutant, reads: Reads, said: Verdict) -> Beside | None:
    """What notices a damage: this, of which the sound policy says ``said``, or this with others' refusals put right."""
    if asking().end(beside.made(), mutant) != end_of(said):
        return beside
    refusing = {violation.rule for violation in said.violations} - {mutant.rule}
    better = repaired(beside, map(asking().reads_of_rule, refusing), reads, asking().cases) if refusing else None
    return better if better and _fits(better.made(), mutant) and _notices(better, mutant) else None


def _notices(beside: Beside, mutant: Mutant) -> bool:
    case = beside.made()
    said = asking().verdict(case)
    return said is not None and asking().end(case, mutant) != end_of(said)


def _plainest(beside: Beside, mutant: Mutant) -> Beside:
    """The same without what isn't needed to notice."""
    for plainer in beside.without():
        if (plainer.edits or plainer.topics) and _fits(plainer.made(), mutant) and _notices(plainer, mutant):
            return _plainest(plainer, mutant)
    return beside


def _answered(beside: Beside, mutant: Mutant) -> Case:
    case = beside.made()
    said = asking().verdict(case)
    assert said is not None
    return replace(case_of(case.scenario, case.document, case.data, said), beside=mutant.rule)


def _fits(case: Case, mutant: Mutant) -> bool:
    """Whether it is an input document at all, which it needn't be to try the rules about its form."""
    return mutant.rule.startswith("contract/") or is_input(case.document)


if __name__ == "__main__":
    add_near_misses(sys.argv[1:])
