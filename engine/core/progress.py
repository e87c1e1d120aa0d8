"""How far a proposal came: each step from proposing to verifying, and which were never reached.

A reader who sees only the last status has to know the order by heart; what wasn't reached says as much as what was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.core.lifecycle import ProposalState
from engine.core.proposal import ProposalStatus

Reached = Literal["done", "now", "stopped", "not reached"]
STEPS = ("proposed", "decided", "pull request", "approved", "merged", "applied", "verified")

# The step that each status stands at, and how it stands there.
_AT: dict[ProposalStatus, tuple[str, Reached]] = {
    "refused": ("decided", "stopped"),
    "recorded": ("decided", "done"),
    "opening": ("pull request", "now"),
    "awaiting_approval": ("approved", "now"),
    "rejected": ("approved", "stopped"),
    "expired": ("approved", "stopped"),
    "closed": ("approved", "stopped"),
    "merging": ("merged", "now"),
    "not_synced": ("applied", "stopped"),
    "verifying": ("verified", "now"),
    "failed": ("verified", "stopped"),
    "succeeded": ("verified", "done"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step and how far it came."""

    name: str
    reached: Reached


def progress(state: ProposalState) -> tuple[Step, ...]:
    """Every step of a proposal in order."""
    at, how = _AT[state.status]
    place = STEPS.index(at)
    if at == "approved" and state.pull_request is None:
        place, how = STEPS.index("pull request"), "stopped"

    def reached(number: int) -> Reached:
        return "done" if number < place else how if number == place else "not reached"

    return tuple(Step(name, reached(number)) for number, name in enumerate(STEPS))
