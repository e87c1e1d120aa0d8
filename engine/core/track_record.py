"""How often claims like one held: shown beside a model's own confidence, because that alone says nothing.

A claim is like another if the same analyst made it of the same class of incident and was about as sure. It held if the
action that its analysis put first is what helped in the end, and didn't if that failed or something else helped. Of an
incident in which nothing was verified nothing is known, and it isn't counted. No rule sees any of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.incident import Incident
from engine.core.lifecycle import ProposalState

_BANDS = ((0.8, "80 % or more"), (0.5, "50 to 80 %"), (0.0, "less than 50 %"))


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Of ``counted`` earlier claims of one kind, ``held`` turned out right."""

    held: int = 0
    counted: int = 0

    @property
    def sentence(self) -> str:
        """The figures in words."""
        return (
            f"such claims held {self.held} of {self.counted} times" if self.counted else "no such claim was tested yet"
        )


def track_records(
    incident: Incident, earlier: Iterable[tuple[Incident, Sequence[ProposalState]]]
) -> dict[int, TrackRecord]:
    """The track record of each claim of an incident's analysis, by its place; ``earlier`` with what was merged."""
    counted: dict[str, list[bool]] = {}
    mine = incident.analysis or {}
    for other, merged in earlier:
        analysis = other.analysis or {}
        held = _held(analysis, merged)
        if other.id == incident.id or held is None or other.incident_class != incident.incident_class:
            continue
        if analysis.get("analyst") == mine.get("analyst"):
            for claim in analysis.get("hypotheses") or []:
                counted.setdefault(_band(claim), []).append(held)
    claims = mine.get("hypotheses") or []
    found = [counted.get(_band(claim), []) for claim in claims]
    return {place: TrackRecord(sum(outcomes), len(outcomes)) for place, outcomes in enumerate(found)}


def _held(analysis: Mapping[str, Any], merged: Sequence[ProposalState]) -> bool | None:
    first = next((o["action"] for o in analysis.get("options") or [] if o["role"] not in ("watch", "escalate")), None)
    ended = [state for state in merged if state.status in ("succeeded", "failed")]
    if first is None or not ended:
        return None
    helped = [state for state in ended if state.status == "succeeded"]
    tried = [state for state in ended if _same(state, first)]
    if helped:
        return any(_same(state, first) for state in helped)
    return False if tried else None


def _same(state: ProposalState, action: Mapping[str, Any]) -> bool:
    wanted = state.claims.action
    return wanted.kind == action["kind"] and wanted.target.model_dump(mode="json") == dict(action["target"])


def _band(claim: Mapping[str, Any]) -> str:
    sure = claim.get("confidence")
    return "" if sure is None else next(name for least, name in _BANDS if sure >= least)
