"""What a serving gate counts of itself, and the policy engine below the counting."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from engine.ports import PolicyEngine

if TYPE_CHECKING:
    from engine.adapters.metrics.meter import Meter
    from engine.wiring import Gate


def measured(gate: Gate) -> tuple[Gate, Meter]:
    """The same gate, whose decisions are counted from now on, and what counts them."""
    from engine.adapters.metrics.measured import MeasuredPolicyEngine
    from engine.adapters.metrics.meter import Meter

    meter = Meter()
    policy = MeasuredPolicyEngine(gate.ports.policy, meter, perf_counter)
    return replace(gate, ports=replace(gate.ports, policy=policy)), meter


def counted(policy: PolicyEngine) -> PolicyEngine:
    """The engine itself, whether its answers are counted and traced or not."""
    while hasattr(policy, "inner"):
        policy = policy.inner
    return policy
