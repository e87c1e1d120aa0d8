"""Near misses for the corpus: a scenario with one thing otherwise, where only that shows what is wrong with a rule.

Scenarios tell what happens at night; few of them stand right beside each condition of each rule. So for every damage
that no scenario notices, one is looked for that does once a single field has another value. It is named after its
scenario and that value, and kept with the answer of the sound policy, which a reviewer sees in the diff.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.opa.damaged import DamagedRules, damaged_source
from engine.adapters.opa.policy_tree import PolicyTree, read_policies
from engine.adapters.opa.prove import Prover, verdicts
from engine.adapters.opa.space_files import read_space
from engine.core import canonical
from engine.core.corpus import Case, case_of, read_cases, write_cases
from engine.core.mutant import Mutant
from engine.core.policy_space import KIND, Axis, applied, at
from engine.settings import read_settings
from engine.wiring import obtain_tool
from tests.conftest import ROOT

POLICIES = ROOT / "policies"
CORPUS = POLICIES / "corpus" / "cases.jsonl"
CACHE = read_settings().cache
SPEAKING = 6
TOGETHER = 120


def add_near_misses(rules: Sequence[str]) -> None:
    """Look for what notices the damages of these rules, or of all, and write the corpus anew after each rule."""
    opa = obtain_tool(read_settings(), "opa")
    tree, bundle = read_policies(POLICIES), load_bundle(POLICIES, cache=CACHE, opa=partial(Path, opa))
    cases = read_cases(CORPUS.read_bytes().splitlines(), where=str(CORPUS))
    wanted = rules or ["/".join(folder.parts[-2:]) for folder in (POLICIES / "rego" / "gate" / "rules").glob("*/*")]
    proof = Prover(tree, bundle, cases, opa=opa, cache=CACHE).prove(partial(_say, "damages"), wanted)
    with tempfile.TemporaryDirectory() as scratch:
        damaged = DamagedRules(tree, opa, Path(scratch))
        for rule, survivors in groupby(proof.survivors, attrgetter("rule")):
            missed = list(survivors)
            beside = _search(tree, bundle, damaged, missed, cases)
            print(f"\n{rule}: {len(missed)} damages unnoticed, {len(beside)} near misses found", flush=True)
            kept = {canonical.digest([case.document, case.data]): case for case in (*beside, *cases)}
            cases = sorted(kept.values(), key=attrgetter("scenario"))
            CORPUS.write_bytes(b"".join(write_cases(cases)))


def _say(what: str, done: int, of: int) -> None:
    print(f"\r{done} of {of} {what}", end="", flush=True)


def _search(
    tree: PolicyTree, bundle: Bundle, damaged: DamagedRules, missed: Sequence[Mutant], cases: Sequence[Case]
) -> list[Case]:
    """The cases that notice damages of one rule, each once; a damage that none notices is left as it is."""
    left = {f"m{number}": damaged_source(tree, mutant) for number, mutant in enumerate(missed)}
    found: list[Case] = []
    candidates = _beside(missed[0], tree, cases)
    while left and (some := list(islice(candidates, TOGETHER))):
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
                found += [answered] if answered not in found else []
    return found


def _beside(mutant: Mutant, tree: PolicyTree, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases near the rule, and those in which nothing refused; then with one of the fields it reads otherwise."""
    path = mutant.where.partition(":")[0]
    read = _fields(tree.rego[path].decode())
    axes = [axis for axis in read_space(POLICIES, ()).axes if any(_touches(axis.name, field) for field in read)]
    further = _fields("".join(_libraries(tree, path)))
    axes += [a for a in read_space(POLICIES, ()).axes if a not in axes and any(_touches(a.name, f) for f in further)]
    near = [case for case in cases if mutant.rule in case.spoke]
    sound = {at(case.document, KIND): case for case in cases if case.end.outcome != "deny"}
    yield from near
    yield from (case for case in cases if case.end.outcome != "deny" and mutant.rule not in case.spoke)
    near = sorted(near, key=lambda case: len(case.spoke))[:SPEAKING]
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


if __name__ == "__main__":
    add_near_misses(sys.argv[1:])
