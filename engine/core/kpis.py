"""How well the gate serves people: the few figures that a review of a month asks for, counted from the record.

Each figure says of how many it is one. Of what nothing is known nothing is said: a share of none has no value, and an
average would hide the one night that matters, so times are told by their median and their slowest tenth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from engine.core.autonomy import wilson
from engine.core.incident import Incident
from engine.core.lifecycle import ProposalState
from engine.core.moment import seconds_between

About = Literal["summary", "recommendation", "hand_over"]
ABOUT: tuple[About, ...] = get_args(About)
ROLLBACKS = ("rollback_workload", "revert_commit")
FIXES_NOTHING = ("watch", "escalate")


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> int | None:
        """In whole per cent; ``None`` of nothing."""
        return round(100 * self.part / self.whole) if self.whole else None

    @property
    def interval(self) -> tuple[int, int]:
        """Where the true share lies at 95 %, in per cent."""
        return wilson(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class Times:
    """So many times in seconds: their median, and what nine tenths of them took at most. ``None`` of none."""

    count: int = 0
    median: int | None = None
    slowest_tenth: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The decisions of one day by their outcome."""

    day: str
    allowed: int
    asked: int
    refused: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What figures are counted from. ``judged`` says of a proposal whether people found it right, ``said`` whether a
    responder found something of an incident useful.
    """

    incidents: Sequence[Incident]
    proposals: Sequence[ProposalState]
    judged: Mapping[str, bool] = field(default_factory=dict)
    said: Sequence[tuple[About, bool]] = ()


@dataclass(frozen=True, slots=True)
class Kpis:
    """The figures. Latencies are in seconds."""

    first_useful_action: Times
    triaged_alone: Share
    wrong_fixes: Share
    escalations_needed: Share
    rollbacks_that_helped: Share
    approval_latency: Times
    useful: Mapping[About, Share]
    days: tuple[Day, ...]


def kpis(counted: Counted) -> Kpis:
    """All figures of what was counted."""
    merged = [state for state in counted.proposals if state.merged_at]
    waited = [state for state in merged if _asked(state)]
    return Kpis(
        first_useful_action=times([t for one in counted.incidents if (t := _first_useful(one, merged)) is not None]),
        triaged_alone=_share(counted.incidents, _triaged),
        wrong_fixes=_wrong(merged, counted.judged),
        escalations_needed=_escalations(counted),
        rollbacks_that_helped=_rollbacks(merged),
        approval_latency=times([seconds_between(one.created_at, one.merged_at) for one in waited]),
        useful={about: _useful(counted.said, about) for about in ABOUT},
        days=_days(counted.proposals),
    )


def times(seconds: Sequence[int]) -> Times:
    """Median and slowest tenth, by nearest rank."""
    if not seconds:
        return Times()
    ordered = sorted(seconds)
    return Times(len(ordered), ordered[(len(ordered) - 1) // 2], ordered[max(0, -(-9 * len(ordered) // 10) - 1)])


def _share(known: Sequence[Incident], holds: Callable[[Incident], bool]) -> Share:
    return Share(sum(map(holds, known)), len(known))


def _of(incident: Incident, states: Sequence[ProposalState]) -> list[ProposalState]:
    return [one for one in states if one.incident_key == incident.key and one.created_at >= incident.first_seen]


def _first_useful(incident: Incident, merged: Sequence[ProposalState]) -> int | None:
    """From the first signal to the merge of the first action that helped."""
    helped = [state.merged_at for state in _of(incident, merged) if state.status == "succeeded"]
    return max(0, seconds_between(incident.first_seen, min(helped))) if helped else None


def _triaged(incident: Incident) -> bool:
    """Whether class, explanation and something to do about it came without anybody's doing."""
    options = (incident.analysis or {}).get("options") or []
    return not incident.novel and any(option["role"] not in FIXES_NOTHING for option in options)


def _wrong(merged: Sequence[ProposalState], judged: Mapping[str, bool]) -> Share:
    """Of merged actions whose worth is known, those that people judged wrong or that didn't help."""
    known = [state for state in merged if state.id in judged or state.status in ("succeeded", "failed")]
    wrong = [state for state in known if not judged.get(state.id, state.status == "succeeded")]
    return Share(len(wrong), len(known))


def _escalations(counted: Counted) -> Share:
    """Of incidents that were put to people and are over, those in which people had something to do."""
    handed = [one for one in counted.incidents if one.status == "resolved" and _handed_over(one, counted.proposals)]
    return Share(sum(_people_acted(one, counted) for one in handed), len(handed))


def _handed_over(incident: Incident, states: Sequence[ProposalState]) -> bool:
    escalated = (
        state.claims.action.kind == "escalate" and state.status != "refused" for state in _of(incident, states)
    )
    return incident.novel or any(escalated) or any(state.status == "failed" for state in _of(incident, states))


def _people_acted(incident: Incident, counted: Counted) -> bool:
    mine = _of(incident, counted.proposals)
    return bool(incident.commander) or any(one.claims.proposer.kind == "person" or _reviewed(one) for one in mine)


def _reviewed(state: ProposalState) -> bool:
    verdict = state.verdict
    return verdict is not None and bool(verdict.reviews)


def _rollbacks(merged: Sequence[ProposalState]) -> Share:
    ended = [one for one in merged if one.claims.action.kind in ROLLBACKS and one.status in ("succeeded", "failed")]
    return Share(sum(one.status == "succeeded" for one in ended), len(ended))


def _asked(state: ProposalState) -> bool:
    verdict = state.verdict
    return verdict is not None and bool(verdict.approvals.required)


def _useful(said: Sequence[tuple[About, bool]], about: About) -> Share:
    words = [useful for what, useful in said if what == about]
    return Share(sum(words), len(words))


def _days(states: Sequence[ProposalState]) -> tuple[Day, ...]:
    counted: dict[str, Counter[str]] = {}
    for state in states:
        if state.decision is not None:
            counted.setdefault(state.created_at[:10], Counter())[str(state.decision["outcome"])] += 1
    return tuple(
        Day(day, found["allow"], found["require_approval"], found["deny"]) for day, found in sorted(counted.items())
    )
