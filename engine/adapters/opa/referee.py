"""Two evaluators, asked the same; where they differ, nobody has decided.

A compiler's bug that loses a rule would be an allow nobody wrote. Sets come in another order from each evaluator, so
lists are compared without order.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Self

from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import EvaluatorsDisagree
from engine.ports import PolicyEngine

_ORDERED = frozenset({"path_to_allow"})


class RefereePolicyEngine:
    """Answers what both evaluators answer. An error of either is the answer's error.

    ``with`` enters and leaves the evaluators that have to be.
    """

    def __init__(self, first: PolicyEngine, second: PolicyEngine) -> None:
        self._first = first
        self._second = second
        self._held = ExitStack()

    def __enter__(self) -> Self:
        for engine in (self._first, self._second):
            if isinstance(engine, AbstractContextManager):
                self._held.enter_context(engine)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of both."""
        self._held.close()

    def identity(self) -> PolicyIdentity:
        """The policy both have. Raises :class:`EvaluatorsDisagree` when they have two."""
        first, second = self._first.identity(), self._second.identity()
        if first != second:
            raise EvaluatorsDisagree(f"one has policy {first.revision}, the other {second.revision}", where="identity")
        return first

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of policy data that both have alike."""
        first, second = self._first.data(topic), self._second.data(topic)
        if first != second:
            raise EvaluatorsDisagree("the data differ", where=f"data {topic}")
        return first

    def decide(self, document: bytes) -> Verdict:
        """The verdict both give; :class:`EvaluatorsDisagree` names the first field in which they differ."""
        self.identity()
        first, second = self._first.decide(document), self._second.decide(document)
        found = difference(first, second)
        if found:
            raise EvaluatorsDisagree(found, where="referee", remedy="Keep this input and report it")
        return first


def difference(first: Verdict, second: Verdict) -> str:
    """What is not the same in two verdicts, as one sentence; empty when nothing is."""
    one, other = first.model_dump(mode="json"), second.model_dump(mode="json")
    for field in one:
        left, right = _comparable(field, one[field]), _comparable(field, other[field])
        if left != right:
            return f"{field}: {_short(left, right)} against {_short(right, left)}"
    return ""


def _comparable(field: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(key, item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_comparable("", item) for item in value]
        return items if field in _ORDERED else sorted(items, key=_text)
    return value


def _short(value: Any, other: Any) -> str:
    """What only ``value`` has, so that a long list doesn't hide the one difference."""
    if isinstance(value, list) and isinstance(other, list):
        theirs = [_text(item) for item in other]
        value = [item for item in value if _text(item) not in theirs] or value
    return _text(value)[:300]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
