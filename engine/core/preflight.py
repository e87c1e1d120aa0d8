"""Preflight and stop conditions: the checks a runbook names, answered from facts the gate derived.

Each answers yes, no or not known; policy treats the last two alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.core.input_document import (
    Check,
    ImageFacts,
    Incident,
    RecentFacts,
    ReversibilityFacts,
    SourceFacts,
    TargetFacts,
)
from engine.core.runbook import Runbook


@dataclass(frozen=True, slots=True)
class Known:
    """What the checks may look at."""

    incident: Incident
    target: TargetFacts
    source: SourceFacts
    reversibility: ReversibilityFacts
    recent: RecentFacts
    image: ImageFacts
    attempts: int
    restarted_after_action: bool
    reopened: bool


def preflight(runbook: Runbook, known: Known) -> list[Check]:
    """The runbook's preflight checks with their answers, in its order."""
    return [Check(id=name, holds=_PREFLIGHT[name](known)) for name in runbook.preflight]


def stop_conditions(runbook: Runbook, known: Known) -> list[Check]:
    """The runbook's stop conditions with their answers; one that holds stops."""
    answers = {
        "restarts_after_action": known.restarted_after_action,
        "incident_reopened": known.reopened,
        "attempts_exhausted": known.attempts >= runbook.max_attempts,
    }
    return [Check(id=name, holds=answers[name]) for name in runbook.stop_conditions]


_PREFLIGHT: dict[str, Callable[[Known], bool | None]] = {
    "owner_known": lambda known: known.target.owner != "",
    "more_than_one_signal": lambda known: known.incident.signal_kinds > 1,
    "recent_changes_looked_at": lambda known: known.recent.known or None,
    "reversible": lambda known: known.reversibility.reversible,
    "no_deploy_in_progress": lambda known: not known.recent.deploy_in_progress,
    "commander_active": lambda known: known.incident.commander,
    "source_in_git": lambda known: known.source.status in ("found", "not_needed"),
    "image_known_before": lambda known: known.image.known_before if known.image.changes else True,
}
