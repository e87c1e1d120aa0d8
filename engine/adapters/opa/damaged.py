"""Rules with one thing wrong, asked beside the whole policy by ``opa`` itself, since only it reads Rego.

All damages of one rule are asked in one go, each in a package of its own. Where one says something else than the rule
does, it is put in the rule's place and the decision is asked again; everywhere else the decision is the same.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.adapters.opa.command import run_opa
from engine.adapters.opa.policy_tree import MANIFEST, PolicyTree
from engine.core import canonical
from engine.core.corpus import Case, End, end_of
from engine.core.decision import Verdict
from engine.core.errors import BadInput
from engine.core.mutant import Mutant

_PACKAGE = re.compile(r"(?m)^package .*$")
# Values are named first: a reference (``with input as case.document``) would be looked up once input is replaced.
_UNDAMAGED = """[verdict |
    some case in input.cases
    document := case.document
    content := case.data
    verdict := data.gate.decision.verdict with input as document with data.gate.data as content
]"""
_DAMAGED = """[[number, name, verdicts] |
    some number, case in input.cases
    document := case.document
    content := case.data
    usual := data.gate.rules.{rule} with input as document with data.gate.data as content
    damaged := data.damaged with input as document with data.gate.data as content
    some name, said in object.union(input.removed, damaged)
    said != usual
    verdicts := [verdict |
        verdict := data.gate.decision.verdict with input as document with data.gate.data as content
            with data.gate.rules.{rule} as said
    ]
]"""


def damaged_source(tree: PolicyTree, mutant: Mutant) -> str | None:
    """The text of a rule with the damage done; nothing where the damage is that there is no rule."""
    if mutant.edit is None:
        return None
    start, length, text = mutant.edit
    source = tree.rego[mutant.where.partition(":")[0]].decode()
    return source[:start] + text + source[start + length :]


class Unanswered(Exception):
    """No answer of the policy: it doesn't compile, or its evaluation fails on some input."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.compiles = "eval_" in told


class DamagedRules:
    """One policy, unfolded into a scratch folder, and what its rules would say with something wrong in them."""

    def __init__(self, tree: PolicyTree, opa: Path, scratch: Path) -> None:
        self._opa, self._folder, self._scratch = opa, scratch / "policy", scratch
        for path, text in {**tree.rego, MANIFEST: tree.manifest}.items():
            file = self._folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)

    def undamaged(self, cases: Sequence[Case]) -> list[End | None]:
        """How each case ends by this way of asking. Raises :class:`BadInput` for a policy that gives no answer."""
        try:
            return [_end(verdict) for verdict in self._ask(_UNDAMAGED, cases, {})]
        except Unanswered as fault:
            raise BadInput(f"the policy gives no answer: {fault}", remedy="Run penstock policy check") from None

    def otherwise(
        self, rule: str, sources: Mapping[str, str | None], cases: Sequence[Case]
    ) -> Iterator[tuple[str, Case, End | None]]:
        """Where a damage makes a rule say something else: its name, the case, and how that ends.

        ``sources`` are the rule's whole text by damage, ``None`` for no rule at all. Raises :class:`Unanswered` when
        one of them can't be asked, and then nothing is known of the others.
        """
        removed = {name: dict[str, Any]() for name, text in sources.items() if text is None}
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            for name, text in sources.items():
                if text is not None:
                    Path(folder, f"{name}.rego").write_text(_PACKAGE.sub(f"package damaged.{name}", text, count=1))
            query = _DAMAGED.format(rule=rule.replace("/", "."))
            answers = self._ask(query, cases, {"removed": removed}, "--data", folder)
        for number, name, verdicts in answers:
            yield name, cases[number], _end(verdicts[0]) if verdicts else None

    def _ask(self, query: str, cases: Sequence[Case], further: Mapping[str, Any], *flags: str) -> list[Any]:
        asked = {"cases": [{"document": case.document, "data": case.data} for case in cases], **further}
        arguments = ("eval", "--bundle", ".", *flags, "--stdin-input", "--format", "raw", query)
        answer = run_opa(self._opa, arguments, folder=self._folder, stdin=canonical.encode(asked))
        if answer.code:
            raise Unanswered(answer.told)
        answers: list[Any] = json.loads(answer.out)
        return answers


def _end(value: Any) -> End | None:
    """How a verdict ends; ``None`` for what isn't one."""
    try:
        return end_of(Verdict.model_validate(value))
    except ValueError:
        return None
