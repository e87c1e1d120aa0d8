"""Near misses for the corpus: a scenario with one thing otherwise, where only that shows what is wrong with a rule.

Scenarios tell what happens at night; few of them stand right beside each condition of each rule. So for every damage
that no scenario notices, one is looked for that does once a single field has another value. It is named after its
scenario and that value, and kept with the answer of the sound policy, which a reviewer sees in the diff.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.opa.damaged import DamagedRules, damaged_source
from engine.adapters.opa.policy_tree import PolicyTree, read_policies
from engine.adapters.opa.prove import WORKERS, Prover, verdicts
from engine.adapters.opa.space_files import read_space
from engine.core.corpus import Case, case_of
from engine.core.mutant import Mutant
from engine.core.policy_space import KIND, Axis, applied, at
from engine.settings import read_settings
from engine.wiring import obtain_tool
from tests.conftest import ROOT

POLICIES = ROOT / "policies"
CACHE = read_settings().cache
SPEAKING = 6
TOGETHER = 250


def with_near_misses(cases: list[Case]) -> list[Case]:
    """The cases, and one for each damage of a rule that is noticed by a near miss alone."""
    opa = obtain_tool(read_settings(), "opa")
    tree, bundle = read_policies(POLICIES), load_bundle(POLICIES, cache=CACHE, opa=partial(Path, opa))
    rules = {"/".join(folder.parts[-2:]) for folder in (POLICIES / "rego" / "gate" / "rules").glob("*/*")}
    proof = Prover(tree, bundle, cases, opa=opa, cache=CACHE).prove(partial(_say, "damages"), rules)
    found: list[Case] = []
    with tempfile.TemporaryDirectory() as scratch:
        damaged = DamagedRules(tree, opa, Path(scratch))
        survivors = [list(of_rule) for _, of_rule in groupby(proof.survivors, attrgetter("rule"))]
        with ThreadPoolExecutor(WORKERS) as pool:
            searched = pool.map(lambda missed: _search(tree, bundle, damaged, missed, cases), survivors)
            for missed, beside in zip(survivors, searched, strict=True):
                print(f"\n{missed[0].rule}: {len(missed)} damages unnoticed, {len(beside)} near misses", flush=True)
                found += [case for case in beside if case.scenario not in {each.scenario for each in found}]
    return sorted([*cases, *found], key=attrgetter("scenario"))


def _say(what: str, done: int, of: int) -> None:
    print(f"\r{done} of {of} {what}", end="", flush=True)


def _search(
    tree: PolicyTree, bundle: Bundle, damaged: DamagedRules, missed: Sequence[Mutant], cases: Sequence[Case]
) -> list[Case]:
    """The near misses that notice damages of one rule; those whose text nothing else explains are given up."""
    left = {f"m{number}": damaged_source(tree, mutant) for number, mutant in enumerate(missed)}
    found: list[Case] = []
    candidates = _beside(missed[0], tree, cases)
    while left and (some := [case for case, _ in zip(candidates, range(TOGETHER), strict=False)]):
        noticing = list(damaged.otherwise(missed[0].rule, left, some))
        concerned = list({id(case): case for _, case, _ in noticing}.values())
        said = dict(zip(map(id, concerned), verdicts(bundle, concerned, cache=CACHE), strict=True))
        for name, case, end in noticing:
            sound = said[id(case)]
            if sound is None or name not in left:
                continue
            answered = replace(case_of(case.scenario, case.document, case.data, sound), beside=missed[0].rule)
            if end != answered.end:
                del left[name]
                found += [answered] if answered.scenario not in {each.scenario for each in found} else []
    return found


def _beside(mutant: Mutant, tree: PolicyTree, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases near the rule, and sound ones of every kind of action, with one of the fields that it reads otherwise."""
    path = mutant.where.partition(":")[0]
    read = _fields(tree.rego[path].decode())
    axes = [axis for axis in read_space(POLICIES, ()).axes if any(_touches(axis.name, field) for field in read)]
    further = _fields("".join(_libraries(tree, path)))
    axes += [a for a in read_space(POLICIES, ()).axes if a not in axes and any(_touches(a.name, f) for f in further)]
    near = [case for case in cases if mutant.rule in case.spoke][:SPEAKING]
    sound = {at(case.document, KIND): case for case in cases if case.end.outcome != "deny"}
    for axis in axes:
        for case in (*near, *sound.values()):
            yield from _varied(case, axis)


def _fields(text: str) -> set[str]:
    """The paths of the input document that Rego names, dotted or as a list."""
    listed = (".".join(re.findall(r'"(\w+)"', path)) for path in re.findall(r"input, \[([^\]]*)\]", text))
    return {*re.findall(r"\binput\.([a-z_][\w.]*)", text), *filter(None, listed)}


def _libraries(tree: PolicyTree, path: str) -> Iterator[str]:
    """The texts of what a rule imports, and of what that imports."""
    seen: set[str] = set()
    waiting = [tree.rego[path].decode()]
    while waiting:
        for name in set(re.findall(r"import data\.gate\.lib\.(\w+)", waiting.pop())) - seen:
            seen.add(name)
            waiting += [text.decode() for file, text in tree.rego.items() if file.startswith(f"gate/lib/{name}/")]
            yield waiting[-1]


def _touches(axis: str, field: str) -> bool:
    return axis == field or axis.startswith(f"{field}.") or field.startswith(f"{axis}.")


def _varied(case: Case, axis: Axis) -> Iterator[Case]:
    for choice in axis.choices:
        document = applied(case.document, choice.edits)
        if any(at(case.document, path) != at(document, path) for path in choice.edits):
            yield replace(case, scenario=f"{case.scenario}, but {axis.name}: {choice.label}", document=document)
