"""Trust in automation, place by place: which phase holds there, how people judged what it decided, what is still due.

A place is a namespace of a cluster together with a class of incident. A phase is policy data and policy alone decides
by it; what is computed here is what people are shown, and the figures that a promotion is held against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, sqrt
from typing import Any, Literal

from engine.core.canonical import digest
from engine.core.proposal import TargetReference

PHASES = ("advise", "shadow", "approve_all", "safe_alone")
UNCLASSED = "none"
AUTONOMY_FILE = "rego/gate/data/autonomy/data.yaml"
Word = Literal["agreed", "disagreed", ""]

_Z = 1.959964  # of a two-sided interval of 95 %


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where trust is counted: a namespace (``-`` for what has none) and a class of incident (``none`` without one)."""

    cluster: str
    namespace: str
    incident_class: str

    @property
    def key(self) -> str:
        """As one word, for the ledger."""
        return f"{self.cluster}/{self.namespace}/{self.incident_class}"


@dataclass(frozen=True, slots=True)
class Demotion:
    """A place where automation was wrong; it holds until people clear this very ``id`` in policy data."""

    id: str
    at: str
    because: str
    proposal: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How often the gate decided, how often what people did agreed, and the interval of that share in per cent."""

    decisions: int
    judged: int
    agreed: int

    @property
    def interval(self) -> tuple[int, int]:
        """Wilson's interval at 95 %, each end rounded away from the middle; 0 to 100 of nothing."""
        return wilson(self.agreed, self.judged)


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the report: a place, its phase as data has it, the last demotion if it holds, and the figures."""

    place: Place
    phase: str
    demotion: Demotion | None
    figures: Figures


def place_of(target: TargetReference, incident_class: str) -> Place:
    """The place of an action on ``target`` for an incident of a class."""
    return Place(target.cluster, target.namespace or "-", incident_class or UNCLASSED)


def wilson(agreed: int, judged: int) -> tuple[int, int]:
    """The interval that the true share lies in, in whole per cent: low rounded down, high rounded up."""
    if judged == 0:
        return 0, 100
    share, square = agreed / judged, _Z * _Z
    middle = (share + square / (2 * judged)) / (1 + square / judged)
    half = _Z * sqrt(share * (1 - share) / judged + square / (4 * judged * judged)) / (1 + square / judged)
    return max(0, floor(100 * (middle - half))), min(100, ceil(100 * (middle + half)))


def figures(words: Iterable[Word]) -> Figures:
    """The figures of a place, from a word on each of its decisions."""
    found = list(words)
    agreed = found.count("agreed")
    return Figures(len(found), agreed + found.count("disagreed"), agreed)


def phase_of(autonomy: Mapping[str, Any], place: Place) -> str:
    """The phase that data gives a place, before any demotion: its own or its namespace's, held back by its class's."""
    phases = autonomy.get("phases", {})
    default = _at(phases, "namespaces", place.cluster, place.namespace) or autonomy.get("default_phase", "")
    own = _at(phases, "pairs", place.cluster, place.namespace, place.incident_class) or default
    known = [phase for phase in (own, _at(phases, "classes", place.incident_class)) if phase]
    return min(known, key=lambda phase: PHASES.index(phase) if phase in PHASES else -1, default="")


def cleared(autonomy: Mapping[str, Any], place: Place) -> str:
    """The id of the demotion that people cleared last; empty where none."""
    return str(_at(autonomy, "cleared", place.cluster, place.namespace, place.incident_class) or "")


def next_phase(phase: str) -> str:
    """The phase after this one; empty after the last, and for one that nobody defined."""
    return dict(pairwise(PHASES)).get(phase, "")


def demotion_of(place: Place, proposal_id: str, *, because: str, at: str) -> Demotion:
    """The demotion that a proposal's failure is; the same failure is the same demotion."""
    return Demotion(f"dem-{digest([place.key, proposal_id])[7:19]}", at, because, proposal_id)


def _at(node: Any, *path: str) -> Any:
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node
