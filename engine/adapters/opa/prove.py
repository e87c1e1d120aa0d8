"""Proof of enforcement: every rule and every limit is damaged in turn, and some scenario has to end otherwise.

Damaged rules are evaluated by ``opa`` itself, since only it reads Rego; damaged limits by the compiled module, since
only the data differs. A mutant counts as killed at the first scenario that ends otherwise than recorded.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from engine.adapters.opa.bundle import Bundle
from engine.adapters.opa.command import run_opa
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.mutants import find_mutants, rule_id
from engine.adapters.opa.policy_tree import MANIFEST, RULES, PolicyTree
from engine.core import canonical
from engine.core.corpus import Case, End, end_of
from engine.core.decision import Verdict
from engine.core.errors import BadInput, CouldNotDecide
from engine.core.mutant import Mutant, Proof, Trial, raised

WORKERS = 2
CLEAN = 8
THRESHOLD = 95
# The values are named first: a reference (``with input as case.document``) would be asked for once input is replaced.
_QUERY = (
    "[verdict | some case in input.cases; document := case.document; content := case.data; "
    "verdict := data.gate.decision.verdict with input as document with data.gate.data as content"
)


class Prover:
    """Proves one policy by one corpus."""

    def __init__(self, tree: PolicyTree, bundle: Bundle, cases: Sequence[Case], *, opa: Path, cache: Path) -> None:
        self._tree, self._bundle, self._cases = tree, bundle, cases
        self._opa, self._cache = opa, cache
        self._folders: SimpleQueue[Path] = SimpleQueue()

    def prove(self, say: Callable[[int, int], None], rules: Collection[str] = ()) -> Proof:
        """Try every mutant, or those of some rules alone, telling how many of how many are done.

        Raises :class:`BadInput` when the corpus doesn't end as it was recorded even without any damage, by either of
        the two ways in which mutants are evaluated.
        """
        self._check(self._ends(self._cases))
        wanted = set(rules) or self._rules()
        if unknown := sorted(wanted - self._rules()):
            raise BadInput("there is no such rule", where=unknown[0], remedy="penstock policy docs lists them")
        mutants = [m for m in find_mutants(self._tree, self._opa) if not rules or m.rule in wanted]
        trials = []
        with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(WORKERS) as pool:
            for number in range(WORKERS):
                self._folders.put(self._copied(Path(scratch, str(number))))
            self._check_interpreter(Path(scratch, "0"))
            for trial in pool.map(self._try, mutants):
                trials.append(trial)
                say(len(trials), len(mutants))
        return Proof(tuple(trials), tuple(sorted(wanted - self._heard())), THRESHOLD)

    def _copied(self, folder: Path) -> Path:
        """The rules alone, for one worker to damage; data comes with each case."""
        for path, text in self._tree.rego.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
        (folder / MANIFEST).write_bytes(self._tree.manifest)
        return folder

    def _check_interpreter(self, folder: Path) -> None:
        verdicts = self._evaluate(folder, self._cases, "")
        if verdicts is None:
            raise BadInput(
                "the policy doesn't compile", where=self._tree.name(RULES), remedy="Run penstock policy check"
            )
        self._check([verdict and end_of(verdict) for verdict in verdicts])

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

    def _try(self, mutant: Mutant) -> Trial:
        if mutant.path:
            return self._try_limit(mutant)
        folder = self._folders.get()
        try:
            return self._try_rule(mutant, folder)
        finally:
            self._folders.put(folder)

    def _try_rule(self, mutant: Mutant, folder: Path) -> Trial:
        file = folder / mutant.where.partition(":")[0]
        source = file.read_text()
        try:
            file.write_text(_damaged(source, mutant))
            for cases in self._concerned(mutant.rule):
                verdicts = self._evaluate(folder, cases, _without(mutant))
                if verdicts is None:
                    return Trial(mutant, "stillborn")
                for case, verdict in zip(cases, verdicts, strict=True):
                    if verdict is None or end_of(verdict) != case.end:
                        return Trial(mutant, "killed", case.scenario)
        finally:
            file.write_text(source)
        return Trial(mutant, "survived")

    def _concerned(self, rule: str) -> Iterator[list[Case]]:
        """Cases in which a rule spoke; then some in which nothing refused, for a mutant that refuses too much."""
        yield [case for case in self._cases if rule in case.spoke]
        clean = [case for case in self._cases if case.end.outcome != "deny" and rule not in case.spoke]
        yield clean[:: max(1, len(clean) // CLEAN)]

    def _evaluate(self, folder: Path, cases: Sequence[Case], without: str) -> list[Verdict | None] | None:
        """The verdict on each case, ``None`` for one that isn't a verdict; nothing where the policy doesn't compile."""
        asked = {"cases": [{"document": case.document, "data": case.data} for case in cases]}
        query = ("eval", "--bundle", ".", "--stdin-input", "--format", "raw", f"{_QUERY}{without}]")
        answer = run_opa(self._opa, query, folder=folder, stdin=canonical.encode(asked))
        if answer.code:
            return [None] * len(cases) if "eval_" in answer.told else None
        verdicts: list[Any] = json.loads(answer.out)
        if len(verdicts) != len(cases):
            return [None] * len(cases)
        return [_verdict(value) for value in verdicts]

    def _try_limit(self, mutant: Mutant) -> Trial:
        for case, end in self._ends_with(mutant):
            if end != case.end:
                return Trial(mutant, "killed", case.scenario)
        return Trial(mutant, "survived")

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
        for group in _by_data(cases):
            document = {"gate": {"data": data if data is not None else group[0].data}}
            bundle = replace(self._bundle, data_json=canonical.encode(document))
            with EmbeddedPolicyEngine(bundle, cache=self._cache) as engine:
                for case in group:
                    end = None
                    with suppress(CouldNotDecide):
                        end = end_of(engine.decide(canonical.encode(case.document)))
                    yield end


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


def _damaged(source: str, mutant: Mutant) -> str:
    if mutant.edit is None:
        return source
    start, length, text = mutant.edit
    return source[:start] + text + source[start + length :]


def _without(mutant: Mutant) -> str:
    return f" with data.gate.rules.{mutant.rule.replace('/', '.')} as {{}}" if mutant.damage == "rule removed" else ""


def _verdict(value: Any) -> Verdict | None:
    try:
        return Verdict.model_validate(value)
    except ValueError:
        return None
