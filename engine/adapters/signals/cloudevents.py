"""CloudEvents 1.0: anything that another system tells in the one envelope that many systems write.

The envelope says who tells and when; the object it is about is named by ``data.object``, or by the event's subject as
``namespace/Kind/name``. Where neither names one, the event is its own subject. The same source and id is the same
event, however often it is sent.
"""

from __future__ import annotations

import re
from typing import Any

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer
from engine.adapters.signals.topology import Topology
from engine.core.errors import BadInput
from engine.core.signal import ObjectReference, Signal

SOURCE = "cloudevents"
MAX_EVENTS = 5000
LONGEST = 300

_ATTRIBUTE = re.compile(r"[a-z0-9]{1,64}")
_SUBJECT = re.compile(r"(?:([a-z0-9][a-z0-9-]{0,62})/)?([A-Z][A-Za-z0-9]{0,62})/([A-Za-z0-9][A-Za-z0-9.:_-]{0,252})")
_SEVERITIES = ("info", "warning", "critical")


def read_cloudevents(payload: Any, cluster: str, now: str, topology: Topology | None = None) -> list[Signal]:
    """The signals of one event, or of a batch of them; each source and id once.

    Raises :class:`~engine.core.errors.BadInput` naming the field that doesn't fit; no event is taken then.
    """
    events = payload if isinstance(payload, list) else [payload]
    if len(events) > MAX_EVENTS:
        remedy = "Send them in several batches"
        raise BadInput(f"has more than {MAX_EVENTS} events", where="payload", remedy=remedy)
    observer = Observer(SOURCE, topology or Topology(cluster), now)
    found: dict[tuple[str, str], Signal] = {}
    for position, one in enumerate(events):
        event = Document(one, f"payload[{position}]")
        _check(event)
        found.setdefault((event.required("source"), event.required("id")), _signal(event, observer))
    return list(found.values())


def _check(event: Document) -> None:
    if event.value.get("specversion") != "1.0":
        raise event.refuse("specversion", 'is not "1.0"')
    if "data_base64" in event.value:
        raise event.refuse("data_base64", "isn't read: send JSON data")
    for name in event.value:
        if name != "data" and not _ATTRIBUTE.fullmatch(name):
            raise event.refuse(name[:40], "is no name of an attribute")
    for name in ("id", "source", "type"):
        if len(event.required(name)) > LONGEST:
            raise event.refuse(name, f"has more than {LONGEST} characters")


def _signal(event: Document, observer: Observer) -> Signal:
    given = event.value.get("data")
    data = event.section("data") if isinstance(given, dict) else Document({}, event.at("data"))
    severity = data.text("severity") or event.text("severity") or "warning"
    if severity not in _SEVERITIES:
        raise event.refuse("severity", f"is none of {', '.join(_SEVERITIES)}")
    resolved = data.value.get("resolved", False)
    if not isinstance(resolved, bool):
        raise data.refuse("resolved", "is neither true nor false")
    said = data.text("message") or (given if isinstance(given, str) else "")
    return observer.signal(
        _about(event, data, observer.topology),
        Observation(
            data.text("reason") or event.required("type"),
            said,
            event.value,
            severity=severity,
            at=event.instant("time"),
            labels={"event_source": event.required("source"), "event_id": event.required("id")},
            resolved=resolved,
        ),
    )


def _about(event: Document, data: Document, topology: Topology) -> ObjectReference:
    named = data.section("object")
    if named.value:
        return topology.reference(named.required("kind"), named.text("namespace"), named.required("name"))
    found = _SUBJECT.fullmatch(event.text("subject"))
    if found is not None:
        return topology.reference(found[2], found[1] or "", found[3])
    return topology.reference("Event", "", event.required("type"))
