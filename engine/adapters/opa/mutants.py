"""Finds what can be damaged in a policy: its rules by their syntax tree, its limits by their data."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.adapters.opa.command import run_opa
from engine.adapters.opa.policy_tree import RULES, PolicyTree, rule_id
from engine.core.errors import BadInput
from engine.core.mutant import FLIPPED, Damage, Mutant, is_top_tier, limits

_OPERATORS = {"equal": "==", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
GENERATED = "contract"  # the input document's own schema: what is in it is no author's limit
_NOT_JUDGING = ("about", "needs")


def find_mutants(tree: PolicyTree, opa: Path) -> Iterator[Mutant]:
    """Every mutant of a policy: of each rule first, then of each limit. Raises :class:`BadInput` for a syntax error."""
    for path in sorted(tree.rego):
        if path.startswith(RULES):
            yield from _of_rule(tree, path, opa)
    for place, value in limits(tree.data()["gate"]["data"]):
        if place[0] == GENERATED:
            continue
        name = "/".join(place)
        damage: Damage = "tier lowered" if is_top_tier(place, value) else "limit raised"
        yield Mutant(f"data/{name}", damage, f"gate/data/{place[0]}/data.yaml", str(value), path=place)


def _of_rule(tree: PolicyTree, path: str, opa: Path) -> Iterator[Mutant]:
    rule, source = rule_id(path), tree.rego[path].decode()
    yield Mutant(rule, "rule removed", path, rule)
    for expression in _conditions(tree, path, opa):
        start = _offset(source, expression["location"])
        text = _text(expression["location"])
        where = f"{path}:{expression['location']['row']}"
        if start is None:
            continue
        if not _binds(expression):
            yield Mutant(rule, "condition dropped", where, text, edit=(start, len(text), "true"))
        operator = _operator(expression)
        position = _offset(source, operator["location"]) if operator else None
        if operator is not None and position is not None:
            sign = _text(operator["location"])
            flipped = (position, len(sign), FLIPPED[sign])
            yield Mutant(rule, "comparison flipped", where, text, edit=flipped)


def _conditions(tree: PolicyTree, path: str, opa: Path) -> Iterator[dict[str, Any]]:
    """The expressions in the bodies of a file's rules, its ``else`` branches included."""
    flags = ("parse", "--format", "json", "--json-include", "locations,-comments")
    answer = run_opa(opa, (*flags, path), folder=tree.root / "rego")
    if answer.code:
        raise BadInput("can't be parsed", where=tree.name(path), remedy="Run penstock policy check")
    for rule in json.loads(answer.out).get("rules", []):
        branch = rule
        while branch:
            if branch["head"].get("name") not in _NOT_JUDGING:
                yield from (each for each in branch.get("body", []) if _written(each))
            branch = branch.get("else")


def _written(expression: dict[str, Any]) -> bool:
    """Whether it stands in the source; a rule without conditions has ``true`` for its body, which nobody wrote."""
    terms = expression.get("terms")
    generated = isinstance(terms, dict) and terms.get("type") == "boolean"
    return not generated and "text" in expression.get("location", {})


def _binds(expression: dict[str, Any]) -> bool:
    """Whether it only names a value (``x := …``), so that dropping it could only fail to compile."""
    terms = expression.get("terms")
    return isinstance(terms, list) and _name(terms) in ("assign", "eq")


def _operator(expression: dict[str, Any]) -> dict[str, Any] | None:
    """The comparison sign of an expression that is one."""
    terms = expression.get("terms")
    if not isinstance(terms, list) or _name(terms) not in _OPERATORS:
        return None
    sign: dict[str, Any] = terms[0]
    return sign if _text(sign["location"]) in FLIPPED else None


def _name(terms: list[Any]) -> str:
    value = terms[0].get("value")
    return str(value[0].get("value")) if isinstance(value, list) and len(value) == 1 else ""


def _text(location: dict[str, Any]) -> str:
    return base64.b64decode(location.get("text", "")).decode()


def _offset(source: str, location: dict[str, Any]) -> int | None:
    """Where a located text begins; ``None`` when it isn't found where the parser says."""
    lines = source.splitlines(keepends=True)
    start = sum(len(line) for line in lines[: location["row"] - 1]) + location["col"] - 1
    text = _text(location)
    return start if text and source[start : start + len(text)] == text else None
