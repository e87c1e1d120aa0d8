"""Signals and runbooks for tests, each with sensible fields and the ones a test is about set by name."""

from __future__ import annotations

from typing import Any

from engine.core import canonical
from engine.core.classification import RunbookIndex
from engine.core.runbook import Runbook, read_runbook
from engine.core.signal import ObjectReference, Signal

CLUSTER = "prod-eu"
AT = "2026-11-14T03:12:00Z"
API = ObjectReference(CLUSTER, "payments", "Deployment", "payments-api")


def pod(name: str = "payments-api-7d4-x2x", namespace: str = "payments") -> ObjectReference:
    return ObjectReference(CLUSTER, namespace, "Pod", name)


def node(name: str = "node-1") -> ObjectReference:
    return ObjectReference(CLUSTER, "", "Node", name)


def signal(reason: str = "CrashLoopBackOff", subject: ObjectReference | None = None, **fields: Any) -> Signal:
    about = subject or pod()
    message = fields.pop("message", "back-off 10s restarting failed container")
    at = fields.pop("at", AT)
    raw = fields.pop("raw", {"reason": reason, "subject": str(about), "message": message, "at": at})
    given = {"source": "kubernetes", "severity": "warning", "digest": canonical.digest(raw), **fields}
    return Signal(subject=about, reason=reason, message=message, at=at, raw=raw, **given)


def runbook(runbook_id: str, *triggers: dict[str, Any], **fields: Any) -> Runbook:
    return read_runbook(runbook_id, document(*triggers, **fields))


def document(*triggers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    option = {
        "kind": "restart_workload",
        "title": "Restart the pods",
        "role": "buys_time",
        "why": "It ends the back-off at once.",
        "why_not": "A bad release crashes again.",
        "cost_if_wrong": "A few minutes of fewer pods.",
    }
    return {
        "title": "A class for tests",
        "summary": "Something that a test is about.",
        "reason": "TestReason",
        "owner": "team-platform",
        "severity": "warning",
        "triggers": list(triggers) or [{"reasons": ["CrashLoopBackOff"]}],
        "evidence": [{"id": "log_lines", "title": "Log lines", "source": "logs", "template": "last lines"}],
        "preflight": ["owner_known"],
        "actions": [option],
        "watch": {"why": "It may end by itself.", "why_not": "It may not, of course."},
        "cost_of_waiting": "Some replicas serve nothing.",
        "verification": {"checks": [{"id": "pods_ready"}], "soak_seconds": 60},
        "stop_conditions": ["attempts_exhausted"],
        "max_attempts": 1,
        "cooldown_seconds": 60,
        "do_not_touch": {},
        "escalation": {"role": "owner", "after_seconds": 60, "text": "The owner knows what to do."},
        **fields,
    }


def index(*books: Runbook) -> RunbookIndex:
    return RunbookIndex(books or (runbook("crash-loop", reason="CrashLoopBackOff", severity="critical"),))
