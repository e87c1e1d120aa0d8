"""Evidence: a piece of what was observed, with an id that claims can cite.

The id is a digest of the content, so a claim can't cite something that was never seen, and what it cites can't
change afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.core import canonical
from engine.core.incident import Incident
from engine.core.signal import Signal
from engine.core.untrusted import clean, shape

MOST = 60


@dataclass(frozen=True, slots=True)
class Evidence:
    """One citable observation; ``text`` is untrusted, ``kind`` says which field of which source it came from."""

    source: str
    kind: str  # event, log, status, change, vulnerability, metric
    subject: str
    text: str
    at: str

    @property
    def id(self) -> str:
        """``ev-`` and twelve hex digits of the content's digest."""
        return "ev-" + canonical.digest([self.source, self.kind, self.subject, self.text, self.at])[7:19]


def evidence_of(incident: Incident, changes: Iterable[Evidence] = ()) -> list[Evidence]:
    """At most sixty distinct pieces that an incident's own signals hold, after ``changes``, in order of time.

    Forty pods that die of one cause leave forty copies of one log; a reader needs one and whatever differs.
    """
    found = {piece.id: piece for piece in changes}
    shapes: set[tuple[str, str, str]] = set()
    for signal in incident.signals:
        for piece in pieces(signal):
            alike = (piece.source, piece.kind, shape(piece.text, signal.subject.name))
            if alike not in shapes and len(found) < MOST:
                shapes.add(alike)
                found[piece.id] = piece
    return list(found.values())


def pieces(signal: Signal) -> tuple[Evidence, ...]:
    """What one signal holds: what was said, and for a container that ended its last lines besides."""
    subject = str(signal.subject)
    ended = signal.labels.get("exit_code")
    if ended is None:
        text = clean(f"{signal.reason}: {signal.message}" if signal.message else signal.reason)
        return (Evidence(signal.source, _kind(signal), subject, text, signal.at),)
    container = signal.labels.get("container", "")
    said = f"{container} ended with exit code {ended} ({signal.reason})"
    status = Evidence(signal.source, "status", subject, said, signal.at)
    if not signal.message:
        return (status,)
    return status, Evidence(signal.source, "log", subject, clean(signal.message), signal.at)


def _kind(signal: Signal) -> str:
    if signal.source == "drift":
        return "change"
    if signal.source == "alertmanager":
        return "metric"
    if signal.reason == "CriticalVulnerability":
        return "vulnerability"
    return "event" if signal.of_event else "status"
