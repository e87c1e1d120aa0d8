"""A policy engine whose answers are counted; it answers no other than the one it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.adapters.metrics.meter import Meter
from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import CouldNotDecide
from engine.ports import PolicyEngine


class MeasuredPolicyEngine:
    """Implements :class:`engine.ports.PolicyEngine` by ``inner``; ``elapsed`` gives seconds from any beginning."""

    def __init__(self, inner: PolicyEngine, meter: Meter, elapsed: Callable[[], float]) -> None:
        self.inner = inner
        self._meter = meter
        self._elapsed = elapsed

    def decide(self, document: bytes) -> Verdict:
        """The verdict of the inner engine, counted, as is its having none."""
        began = self._elapsed()
        try:
            verdict = self.inner.decide(document)
        except CouldNotDecide as error:
            self._meter.undecided(error.reason, self._elapsed() - began)
            raise
        self._meter.decided(verdict, self._elapsed() - began)
        return verdict

    def identity(self) -> PolicyIdentity:
        """Which policy answers now."""
        return self.inner.identity()

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of policy data."""
        return self.inner.data(topic)
