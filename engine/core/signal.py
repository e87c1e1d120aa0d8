"""A signal: one observation from one source, as received, with its time and digest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

# Sources that show how things are whenever they are looked at, where others tell of what happened.
LOOKED_AT = frozenset({"kubernetes", "drift"})


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """An object of a cluster. ``namespace`` is empty for what has none."""

    cluster: str
    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.cluster}/{place}{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation.

    ``reason`` is the source's own word (``CrashLoopBackOff``, ``KubePodCrashLooping``), ``message`` is untrusted
    text, ``at`` is RFC 3339 in UTC, ``digest`` is of the canonical raw document, ``labels`` are the source's own.
    ``owners`` is the chain of owner references from the object upwards, nearest first, where known.
    """

    source: str
    subject: ObjectReference
    reason: str
    severity: str  # info, warning or critical
    message: str
    at: str
    digest: str
    resolved: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    owners: tuple[ObjectReference, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict)

    def as_document(self) -> dict[str, Any]:
        """Plain JSON values, without what was received but for whether it was an Event."""
        kept = {"kind": "Event"} if self.of_event else {}
        document: dict[str, Any] = asdict(self) | {"raw": kept, "owners": [asdict(owner) for owner in self.owners]}
        return document

    @property
    def of_look(self) -> bool:
        """Whether the same signal again is another look at the same thing, and nothing that happened anew."""
        return self.source in LOOKED_AT

    @property
    def of_event(self) -> bool:
        """Whether it is a Kubernetes Event, rather than an object's own status."""
        return self.raw.get("kind") == "Event" or "involvedObject" in self.raw


def read_signal(document: dict[str, Any]) -> Signal:
    """The signal of a document with plain JSON values."""
    owners = tuple(ObjectReference(**owner) for owner in document["owners"])
    return Signal(**document | {"subject": ObjectReference(**document["subject"]), "owners": owners})
