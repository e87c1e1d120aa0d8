"""An evaluator that says what a test wants it to say."""

from __future__ import annotations

from typing import Any, Self

from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import CouldNotDecide


class ScriptedPolicyEngine:
    """Answers every input with one verdict or one error, and every topic with one mapping."""

    def __init__(self, answer: Verdict | CouldNotDecide, *, revision: str = "one", topic: dict[str, Any] | None = None):
        self.answer, self.revision, self.topic = answer, revision, topic or {}
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def decide(self, document: bytes) -> Verdict:
        if isinstance(self.answer, CouldNotDecide):
            raise self.answer
        return self.answer

    def identity(self) -> PolicyIdentity:
        return PolicyIdentity(revision=self.revision, digest="sha256:00")

    def data(self, topic: str) -> dict[str, Any]:
        return self.topic
