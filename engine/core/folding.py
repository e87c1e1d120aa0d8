"""Folding: a signal becomes part of an incident, and a storm of them costs no more memory than a drizzle.

Signals are counted; of their raw text only one of each shape and the newest few are kept, each cut to a limit, and
what the bounds kept out is counted as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from engine.core.classification import RunbookIndex
from engine.core.incident import SEVERITIES, Incident, Severity, note
from engine.core.redaction import may_hold_secret, redact, redact_text
from engine.core.signal import ObjectReference, Signal
from engine.core.untrusted import clean, shape

WINDOW = 50
EXHIBITS = 30
MEMBERS = 200
KINDS = 64
LOOKS = 400
RAW_BYTES = 4096
MESSAGE_CHARACTERS = 2000
LABELS = 40
UNTOLD = "truncated_alerts"


def begin(signal: Signal, root: ObjectReference, lane: str = "") -> Incident:
    """An incident before its first signal is folded in."""
    return Incident(
        root=root,
        reason=signal.reason,
        lane=lane,
        incident_class="",
        candidates=(),
        severity="info",
        status="open",
        occurrences=0,
        first_seen=signal.at,
        last_seen=signal.at,
        exhibits=(),
        window=(),
        members=(),
        kinds=(),
    )


def fold(incident: Incident, signal: Signal, index: RunbookIndex, times: int = 1) -> Incident:
    """The incident with one more signal, told ``times`` times. What repeats is only counted, and a look but once."""
    counted = _counted(incident, signal, times)
    kind = (signal.source, signal.reason)
    if signal.resolved:
        cleared = incident.cleared if kind in incident.cleared else (*incident.cleared, kind)
        changed = replace(incident, cleared=cleared[:KINDS], **counted)
        return (
            changed if cleared == incident.cleared else note(changed, signal.at, "signal", f"{signal.reason} is over")
        )
    matches = index.observe(incident.matches, signal)
    known_kind, known_member = kind in incident.kinds, signal.subject in incident.members
    repeated = any(signal.digest == kept.digest for kept in incident.window)
    kept = () if repeated else (_kept(signal),)
    untold = _untold(signal)
    lost = (not known_kind and len(incident.kinds) >= KINDS) + (not known_member and len(incident.members) >= MEMBERS)
    changed = replace(
        incident,
        last_seen=max(incident.last_seen, signal.at),
        exhibits=_exhibited(incident.exhibits, kept),
        window=(*incident.window, *kept)[-WINDOW:] if kept else incident.window,
        members=incident.members if known_member else (*incident.members, signal.subject)[:MEMBERS],
        kinds=incident.kinds if known_kind else (*incident.kinds, kind)[:KINDS],
        cleared=tuple(k for k in incident.cleared if k != kind) if incident.cleared else (),
        matches=matches,
        left_out=incident.left_out + lost,
        untold=max(incident.untold, untold),
        **counted,
    )
    if untold > incident.untold:
        changed = note(changed, signal.at, "signal", f"{signal.source} left out {untold} more alerts")
    if not known_kind:
        text = f"{signal.source} says {signal.reason} of {signal.subject.kind} {signal.subject.name}: {_said(signal)}"
        changed = note(changed, signal.at, "signal", text)
    louder = SEVERITIES.index(_severity(signal.severity)) > SEVERITIES.index(incident.severity)
    if matches is incident.matches and incident.kinds and not (louder and incident.novel):
        return changed
    return _concluded(changed, signal, index)


def _counted(incident: Incident, signal: Signal, times: int) -> dict[str, Any]:
    """What counts a signal in the incident: what happened as often as it was told, what a look shows once."""
    if not signal.of_look:
        return {"occurrences": incident.occurrences + times}
    shown = signal.digest[-12:]
    if shown in incident.looks:
        return {}
    return {"occurrences": incident.occurrences + 1, "looks": (*incident.looks, shown)[-LOOKS:]}


def _untold(signal: Signal) -> int:
    """How many alerts the sender of this one left out of what it sent."""
    said = signal.labels.get(UNTOLD, "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 9 else 0


def attach(incident: Incident, signal: Signal, times: int = 1) -> Incident:
    """The incident with a signal as evidence beside what fires: it moves no class, severity or time."""
    counted = _counted(incident, signal, times)
    repeated = any(signal.digest == kept.digest for kept in incident.signals)
    kept = () if repeated else (_kept(signal),)
    known = signal.subject in incident.members
    changed = replace(
        incident,
        exhibits=_exhibited(incident.exhibits, kept),
        window=(*incident.window, *kept)[-WINDOW:] if kept else incident.window,
        members=incident.members if known else (*incident.members, signal.subject)[:MEMBERS],
        **counted,
    )
    if known:
        return changed
    text = f"{signal.source} says {signal.reason} of the image that fails: {_said(signal)}"
    return note(changed, signal.at, "signal", text)


def _concluded(incident: Incident, signal: Signal, index: RunbookIndex) -> Incident:
    """Class and severity after a signal that said something new.

    The runbook says how severe its class is; of a novel incident, the most severe signal does.
    """
    concluded = index.conclude(incident.matches)
    runbook = index.get(concluded.incident_class)
    loudest = max(incident.severity, _severity(signal.severity), key=SEVERITIES.index)
    severity = runbook.severity if runbook else loudest
    changed = replace(
        incident, incident_class=concluded.incident_class, candidates=concluded.candidates, severity=severity
    )
    if changed.incident_class != incident.incident_class:
        fits = concluded.incident_class or "no single runbook, so it is novel"
        changed = note(changed, signal.at, "class", f"the signals fit {fits}")
    if severity != incident.severity and incident.occurrences > 1:
        changed = note(changed, signal.at, "severity", f"{incident.severity} becomes {severity}")
    return changed


def primary_reason(incident: Incident, index: RunbookIndex) -> str:
    """The word to key an incident by: its runbook's, or of a novel one that of its most severe first signal."""
    runbook = index.get(incident.incident_class)
    if runbook:
        return runbook.reason
    return max(incident.signals, key=lambda s: SEVERITIES.index(_severity(s.severity))).reason


def _exhibited(exhibits: tuple[Signal, ...], kept: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """The exhibits with a new signal, if it looks like none of them and there is room."""
    if not kept or len(exhibits) >= EXHIBITS or any(_alike(kept[0], shown) for shown in exhibits):
        return exhibits
    return (*exhibits, *kept)


def _alike(one: Signal, other: Signal) -> bool:
    same = (one.source, one.reason, one.subject.kind) == (other.source, other.reason, other.subject.kind)
    return same and shape(one.message, one.subject.name) == shape(other.message, other.subject.name)


def _kept(signal: Signal) -> Signal:
    """The signal with its text, labels and raw document without secrets and cut to their limits."""
    raw, written = signal.raw, orjson.dumps(signal.raw)
    if may_hold_secret(written.decode()):
        raw = redact(raw)
        written = orjson.dumps(raw)
    size = len(written)
    if size > RAW_BYTES:
        head = written[: RAW_BYTES // 2].decode("utf-8", "ignore")
        raw = {"cut_from_bytes": size, "head": head, **({"kind": "Event"} if signal.of_event else {})}
    labels = dict(list(signal.labels.items())[:LABELS]) if len(signal.labels) > LABELS else signal.labels
    return replace(signal, message=_said(signal), raw=raw, labels=redact(labels) if labels else labels)


def _said(signal: Signal) -> str:
    """What a signal says, cut to its limit and without secrets; these go first, so that none is cut beyond knowing."""
    return clean(redact_text(signal.message), limit=MESSAGE_CHARACTERS)


def _severity(text: str) -> Severity:
    return text if text in SEVERITIES else "warning"  # type: ignore[return-value]
