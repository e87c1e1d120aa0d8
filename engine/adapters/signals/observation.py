"""How an observation of a source becomes a signal: placed, labelled, and bound to its raw document by digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.adapters.signals.document import Document
from engine.adapters.signals.topology import Topology
from engine.core import canonical
from engine.core.signal import ObjectReference, Signal


def seen(obj: Document, path: str, value: Any) -> dict[str, Any]:
    """The raw document of something seen in an object's status: whose it is, and that part as it was."""
    metadata = obj.section("metadata")
    identity = {key: metadata.value[key] for key in ("name", "namespace", "uid") if key in metadata.value}
    return {"kind": obj.text("kind"), "metadata": identity, "observed": {path: value}}


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen, in the source's own words; ``at`` is RFC 3339 or empty where the source doesn't say."""

    reason: str
    message: str
    raw: Mapping[str, Any]
    severity: str = "warning"
    at: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Observer:
    """One source looking at one cluster at one instant; ``now`` stands in where an observation has no time."""

    source: str
    topology: Topology
    now: str

    def signal(self, subject: ObjectReference, observed: Observation) -> Signal:
        """One signal about ``subject``. An observation from the future is one from now."""
        document = dict(observed.raw)
        node = self.topology.node_of.get(subject, "")
        return Signal(
            source=self.source,
            subject=subject,
            reason=observed.reason,
            severity=observed.severity,
            message=observed.message,
            at=min(observed.at or self.now, self.now),
            digest=canonical.digest(document),
            resolved=observed.resolved,
            labels={**({"node": node} if node else {}), **observed.labels},
            owners=self.topology.owners(subject),
            raw=document,
        )
