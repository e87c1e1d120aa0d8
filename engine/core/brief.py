"""The brief: all that an analyst is given, and all that it may refer to.

It is plain JSON, so that a model behind a wire and the signatures in this process see the same. Everything that
somebody else wrote is cleaned before it enters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict

from engine.core.correlation import evidence_flags, just_before
from engine.core.evidence import evidence_of
from engine.core.facts.cluster_view import ClusterView
from engine.core.incident import Incident
from engine.core.option_values import option_values
from engine.core.proposal import TargetReference
from engine.core.recent_change import RecentChange
from engine.core.runbook import Runbook
from engine.core.signal import ObjectReference
from engine.core.untrusted import clean


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class BriefIncident(_Part):
    """The incident as an analyst may know it; ``members`` are the objects it involves."""

    id: str
    key: str
    incident_class: str
    candidates: list[str]
    severity: str
    status: str
    reason: str
    occurrences: int
    first_seen: str
    last_seen: str
    kinds: list[tuple[str, str]]
    root: TargetReference
    members: list[TargetReference]


class BriefEvidence(_Part):
    """One piece of evidence with its id; ``text`` is data."""

    id: str
    source: str
    kind: str
    subject: str
    text: str
    at: str


class BriefChange(_Part):
    """A recent change, with the id of the evidence that it is."""

    kind: str
    at: str
    source: str
    ref: str
    text: str
    before: str
    after: str
    evidence: str


class Brief(_Part):
    """What is known of one incident at ``at``, in the order in which a person would ask for it."""

    incident: BriefIncident
    runbook: Runbook | None
    evidence: list[BriefEvidence]
    changes: list[BriefChange]
    nearby: list[BriefChange] = []
    flags: list[str]
    values: dict[str, str | int | list[str]]
    at: str

    def as_document(self) -> dict[str, Any]:
        """Plain JSON values; :func:`read_brief` reads them back."""
        return self.model_dump(mode="json", by_alias=True)


def make_brief(
    incident: Incident,
    runbook: Runbook | None,
    *,
    changes: Sequence[RecentChange],
    view: ClusterView | None,
    at: str,
    attempts: int = 0,
) -> Brief:
    """The brief of an incident: its evidence, what changed in the hour before, and what the cluster shows.

    Of ``changes``, those nearby are of what it calls: they may explain it, and move none of its options.
    ``view`` is ``None`` where the cluster can't be read; ``attempts`` counts actions already tried.
    """
    own = [change for change in changes if not change.nearby]
    recent = just_before(incident, own)
    beside = just_before(incident, [change for change in changes if change.nearby])
    evidence = evidence_of(incident, [change.evidence for change in (*recent, *beside)])
    return Brief(
        incident=_told(incident),
        runbook=runbook,
        evidence=[BriefEvidence(id=e.id, **asdict(e) | {"text": clean(e.text)}) for e in evidence],
        changes=[_change(c) for c in recent],
        nearby=[_change(c) for c in beside],
        flags=sorted(evidence_flags(incident, own, view, attempts=attempts)),
        values=option_values(view, incident) | _commit(recent),
        at=at,
    )


def read_brief(document: Mapping[str, Any]) -> Brief:
    """The brief that :meth:`Brief.as_document` wrote."""
    return Brief.model_validate(document)


def _commit(recent: Sequence[RecentChange]) -> dict[str, str]:
    newest = next((change.ref for change in recent if change.kind == "commit"), None)
    return {"recent_commit": newest} if newest else {}


def _change(change: RecentChange) -> BriefChange:
    body = {key: value for key, value in asdict(change).items() if key not in ("subject", "nearby")}
    return BriefChange(**body | {"text": clean(change.text), "evidence": change.evidence.id})


def _told(incident: Incident) -> BriefIncident:
    return BriefIncident(
        id=incident.id,
        key=incident.key,
        incident_class=incident.incident_class,
        candidates=list(incident.candidates),
        severity=incident.severity,
        status=incident.status,
        reason=incident.reason,
        occurrences=incident.occurrences,
        first_seen=incident.first_seen,
        last_seen=incident.last_seen,
        kinds=list(incident.kinds),
        root=_target(incident.root),
        members=[_target(member) for member in incident.members],
    )


def _target(reference: ObjectReference) -> TargetReference:
    return TargetReference(
        cluster=reference.cluster, namespace=reference.namespace, kind=reference.kind, name=reference.name
    )
