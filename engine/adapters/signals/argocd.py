"""Argo CD's notifications: what an Application's sync and health came to, as its generic webhook sends them.

Argo CD has no form of its own: whoever sets up notifications writes a template. The one that this reader takes is in
docs/signals.md, and every field of it is one of the Application's status.
"""

from __future__ import annotations

from typing import Any

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer
from engine.adapters.signals.topology import Topology
from engine.core.signal import ObjectReference, Signal

SOURCE = "argocd"
SYNC_FAILED, DEGRADED, MISSING, OUT_OF_SYNC = "SyncFailed", "HealthDegraded", "HealthMissing", "OutOfSync"
_FIELDS = ("version", "application", "sync", "health", "at")


def read_argocd(payload: Any, cluster: str, now: str, topology: Topology | None = None) -> list[Signal]:
    """What one notification says is wrong with an Application, and that it is over where it says nothing is.

    Raises :class:`~engine.core.errors.BadInput` naming the field that doesn't fit.
    """
    body = Document(payload, "payload")
    if body.value.get("version") != "1":
        raise body.refuse("version", 'is not "1"')
    for field in body.value:
        if field not in _FIELDS:
            raise body.refuse(field, "is not a field of the template")
    application, sync, health = (body.section(name) for name in ("application", "sync", "health"))
    observer = Observer(SOURCE, topology or Topology(cluster), now)
    subject = ObjectReference(cluster, application.required("namespace"), "Application", application.required("name"))
    wrong, at = _wrong(sync, health), body.instant("at")
    well = sync.text("status") == "Synced" and health.text("status") == "Healthy"
    told = {reason: (said, severity) for reason, said, severity in wrong}
    labels = {name: application.text(name) for name in ("project",) if application.text(name)}
    labels |= {"revision": sync.text("revision")} if sync.text("revision") else {}
    reasons = (SYNC_FAILED, DEGRADED, MISSING, OUT_OF_SYNC) if well else tuple(told)
    return [
        observer.signal(
            subject,
            Observation(
                reason,
                told.get(reason, ("", ""))[0],
                body.value,
                severity=told.get(reason, ("", "info"))[1],
                at=at,
                labels=labels,
                resolved=well,
            ),
        )
        for reason in reasons
    ]


def _wrong(sync: Document, health: Document) -> list[tuple[str, str, str]]:
    """Each thing that is wrong: reason, the source's words, severity."""
    found = []
    if sync.text("phase") in ("Failed", "Error"):
        found.append((SYNC_FAILED, sync.text("message"), "warning"))
    if sync.text("status") == "OutOfSync":
        found.append((OUT_OF_SYNC, "the Application is out of sync", "warning"))
    for status, reason in (("Degraded", DEGRADED), ("Missing", MISSING)):
        if health.text("status") == status:
            found.append((reason, health.text("message"), "critical"))
    return found
