"""A serving gate's policy while it serves: made ready beside the one in force, taken between two decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.errors import NotFound
from engine.wiring.measures import counted

if TYPE_CHECKING:
    from engine.wiring import Gate


def policy_prepared(gate: Gate) -> bool:
    """Look whether there is a newer policy and make it ready, beside every decision; whether it can be taken."""
    from engine.adapters.opa.reloading import ReloadingPolicyEngine

    policy = counted(gate.ports.policy)
    return isinstance(policy, ReloadingPolicyEngine) and policy.prepare()


def take_policy(gate: Gate) -> None:
    """Put what was made ready in force. Whoever calls sees to it that nothing is being decided."""
    from engine.adapters.opa.reloading import ReloadingPolicyEngine

    policy = counted(gate.ports.policy)
    if isinstance(policy, ReloadingPolicyEngine):
        policy.take()


def policy_stale(gate: Gate) -> str:
    """Why the policy that is there isn't in force, and an earlier one is; empty when it is."""
    from engine.adapters.opa.reloading import ReloadingPolicyEngine

    policy = counted(gate.ports.policy)
    return policy.stale if isinstance(policy, ReloadingPolicyEngine) else ""


def policy_offered(gate: Gate) -> tuple[bytes, str]:
    """The archive of the policy in force, and its digest. Raises :class:`NotFound` for policy that is no archive."""
    from engine.adapters.opa.reloading import ReloadingPolicyEngine

    policy = counted(gate.ports.policy)
    if not isinstance(policy, ReloadingPolicyEngine):
        remedy = "Read it from the repository that PENSTOCK_POLICIES names"
        raise NotFound("the policy of a branch isn't offered as a bundle", where="/v1/policy", remedy=remedy)
    offered = policy.offered()
    return offered.archive, offered.tag
