"""An incident: signals that share a key, in something of bounded size, with its timeline and the steps it may take.

The class comes from runbooks alone and the status from steps that follow; no text and no analysis moves either.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

import orjson

from engine.core import canonical
from engine.core.classification import Matches
from engine.core.errors import IllegalTransition
from engine.core.proposal import IncidentReference
from engine.core.signal import ObjectReference, Signal, read_signal
from engine.core.untrusted import one_line

Severity = Literal["info", "warning", "critical"]
Status = Literal["open", "mitigating", "verifying", "resolved"]
SEVERITIES: tuple[str, ...] = get_args(Severity)
UNRESOLVED: tuple[Status, ...] = ("open", "mitigating", "verifying")

RELATED = 200
TIMELINE = 200
TIMELINE_HEAD = 40

_STEPS: dict[Status, tuple[Status, ...]] = {
    "open": ("mitigating", "resolved"),
    "mitigating": ("open", "verifying", "resolved"),
    "verifying": ("open", "mitigating", "resolved"),
    "resolved": ("open",),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; ``text`` is one cleaned line."""

    at: str
    kind: str  # signal, class, severity, status or note
    text: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident at its root-cause owner.

    ``reason`` is the word it is keyed by and stays as it was at birth; ``lane`` is the class for signals that stand
    alone. ``exhibits`` are the first signal and the first of each new shape, ``window`` the newest signals.
    ``members`` are distinct subjects and ``kinds`` distinct (source, reason) pairs, both bounded; ``left_out`` counts
    what the bounds kept out, ``looks`` the newest signals that looks showed, by the end of their digests,
    ``untold`` how many a sender said that it left out itself. ``commander``, ``channel`` and
    ``ticket`` are of the people who run it, and empty while nobody does.
    """

    root: ObjectReference
    reason: str
    lane: str
    incident_class: str
    candidates: tuple[str, ...]
    severity: Severity
    status: Status
    occurrences: int
    first_seen: str
    last_seen: str
    exhibits: tuple[Signal, ...]
    window: tuple[Signal, ...]
    members: tuple[ObjectReference, ...]
    kinds: tuple[tuple[str, str], ...]
    cleared: tuple[tuple[str, str], ...] = ()
    matches: Matches = field(default_factory=Matches)
    timeline: tuple[Moment, ...] = ()
    left_out: int = 0
    untold: int = 0
    reopened: int = 0
    resolved_at: str = ""
    commander: str = ""
    channel: str = ""
    ticket: str = ""
    analysis: dict[str, Any] | None = None
    related: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """``cluster/namespace/kind/name/reason``; the namespace is empty for what has none."""
        r = self.root
        return "/".join((r.cluster, r.namespace, r.kind, r.name, self.reason))

    @property
    def id(self) -> str:
        """``inc-`` and twelve hex digits: a key that comes back another day is another incident."""
        return "inc-" + canonical.digest([self.key, self.lane, self.first_seen])[7:19]

    @property
    def novel(self) -> bool:
        """Whether no runbook, or not exactly one, fits."""
        return not self.incident_class

    @property
    def led(self) -> bool:
        """Whether people already run it."""
        return bool(self.commander or self.channel or self.ticket)

    @property
    def signal_kinds(self) -> int:
        """How many distinct (source, reason) pairs were seen."""
        return len(self.kinds)

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The kept signals, each once: one of each shape as first seen, then the newest."""
        shown = {signal.digest for signal in self.exhibits}
        return (*self.exhibits, *(signal for signal in self.window if signal.digest not in shown))

    def involves(self, reference: IncidentReference, cluster: str) -> bool:
        """Whether a proposer's reference names this incident, by its key or by one of its signals."""
        named = ObjectReference(cluster, reference.namespace, reference.kind, reference.name)
        reasons = (self.reason, *(reason for _, reason in self.kinds), *(signal.reason for signal in self.exhibits))
        return reference.reason in reasons and (named == self.root or named in self.members)

    def as_document(self) -> dict[str, Any]:
        """Plain JSON values, as the ledger stores them, with ``id`` and ``key`` beside."""
        document: dict[str, Any] = orjson.loads(orjson.dumps(asdict(self) | {"matches": None}))
        document["matches"] = {"best": dict(self.matches.best), "excluded": sorted(self.matches.excluded)}
        return document | {"id": self.id, "key": self.key, "novel": self.novel, "signal_kinds": self.signal_kinds}


def move(incident: Incident, status: Status, *, at: str, because: str) -> Incident:
    """The incident with another status. Raises :class:`IllegalTransition` for a step that doesn't follow."""
    if status not in _STEPS[incident.status]:
        raise IllegalTransition(
            f"an incident that is {incident.status} can't become {status}",
            where=incident.key,
            remedy=f"From {incident.status} it goes to {' or '.join(_STEPS[incident.status])}",
        )
    again = incident.status == "resolved"
    changed = replace(
        incident,
        status=status,
        resolved_at=at if status == "resolved" else "",
        reopened=incident.reopened + again,
        looks=() if again else incident.looks,
    )
    return note(changed, at, "status", f"{incident.status} becomes {status}: {because}")


def resolve(incident: Incident, *, at: str, because: str) -> Incident:
    """The incident as resolved. Raises :class:`IllegalTransition` when it already is."""
    return move(incident, "resolved", at=at, because=because)


def command(incident: Incident, commander: str, *, at: str, channel: str = "", ticket: str = "") -> Incident:
    """The incident as run by people who work in a channel and under a ticket; by nobody where all three are empty."""
    commander, channel, ticket = (one_line(text, limit=200) for text in (commander, channel, ticket))
    led = replace(incident, commander=commander, channel=channel, ticket=ticket)
    return note(led, at, "note", command_sentence(led))


def command_sentence(incident: Incident) -> str:
    """Who runs an incident, where and under which ticket."""
    if not incident.led:
        return "nobody is in command any more"
    where = f" in {incident.channel}" if incident.channel else ""
    return f"{incident.commander or 'people'} run it{where}{f', ticket {incident.ticket}' if incident.ticket else ''}"


def analysed(incident: Incident, analysis: dict[str, Any], *, at: str) -> Incident:
    """The incident with its analysis; class and severity don't change, whatever the analysis says."""
    return note(replace(incident, analysis=analysis), at, "note", "an analysis was added")


def relate(incident: Incident, other: str) -> Incident:
    """The incident with another one named beside it, by id."""
    if other in incident.related:
        return incident
    return replace(incident, related=(*incident.related, other)[:RELATED])


def note(incident: Incident, at: str, kind: str, text: str) -> Incident:
    """The incident with one more line; of a timeline that is full, the middle goes."""
    timeline = (*incident.timeline, Moment(at, kind, one_line(text, limit=300)))
    if len(timeline) > TIMELINE:
        timeline = (*timeline[:TIMELINE_HEAD], *timeline[TIMELINE_HEAD + 1 :])
    return replace(incident, timeline=timeline)


def read_incident(document: dict[str, Any]) -> Incident:
    """The incident that :meth:`Incident.as_document` wrote."""
    derived = ("id", "key", "novel", "signal_kinds")
    body = {key: value for key, value in document.items() if key not in derived}
    return Incident(
        **body
        | {
            "root": ObjectReference(**body["root"]),
            "exhibits": tuple(read_signal(s) for s in body["exhibits"]),
            "window": tuple(read_signal(s) for s in body["window"]),
            "members": tuple(ObjectReference(**m) for m in body["members"]),
            "kinds": tuple((s, r) for s, r in body["kinds"]),
            "cleared": tuple((s, r) for s, r in body["cleared"]),
            "matches": Matches(body["matches"]["best"], frozenset(body["matches"]["excluded"])),
            "timeline": tuple(Moment(**m) for m in body["timeline"]),
            "candidates": tuple(body["candidates"]),
            "related": tuple(body["related"]),
            "looks": tuple(body.get("looks", ())),
        }
    )
