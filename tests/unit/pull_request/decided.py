"""A decision, facts and a proposal with one text from outside in every field that can hold one."""

from __future__ import annotations

from typing import Any

from engine.core.decision import Decision
from engine.core.incident import Incident, read_incident
from engine.core.input_document import BlastFacts, Facts, ReversibilityFacts, SourceFacts, TargetFacts
from engine.core.lifecycle import ProposalState

HEAD = "a" * 40
PATH = "apps/payments/kustomization.yaml"


def decision(text: str = "somebody has to look", outcome: str = "require_approval", **changed: Any) -> Decision:
    """An answer that says ``text`` wherever a rule, a role or a person could."""
    asked = {"role": f"team:{text}", "count": 2, "rule": "approval/owner"}
    refused = {"rule": "change/size", "message": text, "remedy": text, "severity": "error"}
    document = {
        "outcome": outcome,
        "tier": 2,
        "risk": "moderate",
        "mode": "enforce",
        "violations": [refused] if outcome == "deny" else [],
        "approvals": {
            "required": [asked],
            "satisfied": [{**asked, "count": 1, "by": [text]}],
            "missing": [asked] if outcome == "require_approval" else [],
        },
        "obligations": [],
        "path_to_allow": [text],
        "rules": [
            {"rule": "approval/owner", "title": text, "status": "asks", "message": text},
            {"rule": "change/size", "title": text, "status": "passed", "message": ""},
        ],
        "exceptions": [{"id": text, "rule": "rate/cooldown", "ticket": text, "expires": "2026-12-01T00:00:00Z"}],
        "decision_id": "dec-0123456789abcdef",
        "expires_at": "2026-11-14T07:18:00Z",
        "policy": {"revision": text, "digest": "sha256:ab"},
        "input_digest": "sha256:cd",
        "action_digest": "sha256:ef",
    }
    return Decision.model_validate(document | changed)


def state(text: str = "", status: str = "awaiting_approval", made: Decision | None = None) -> ProposalState:
    """A proposal whose reason, note and change say ``text``."""
    target = {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}
    return ProposalState(
        id="prop-1",
        status=status,  # type: ignore[arg-type]
        proposal={
            "proposer": {"id": "agent:triage", "kind": "agent"},
            "action": {"kind": "rollback_workload", "target": target, "params": {}},
            "reason": text,
            "evidence": ["ev-1"],
        },
        authenticated=True,
        action_digest="sha256:ef",
        incident_key="",
        created_at="2026-11-14T03:18:00Z",
        decision=(made or decision(text)).model_dump(mode="json"),
        change={"summary": text, "edits": []},
        note=text,
    )


def facts(text: str = "team-payments") -> Facts:
    """Facts whose owner, file and unknown figures are called ``text``."""
    known: dict[str, Any] = {
        "target": TargetFacts(
            found=True,
            uid="u",
            resource_version="1",
            generation=1,
            environment="production",
            criticality="critical",
            owner=text,
            stateful=False,
            managed_by_git=True,
        ),
        "source": SourceFacts(status="found", path=text, renderer="plain", commit=HEAD),
        "blast": BlastFacts(
            unknown=[text],
            pods=3,
            pods_percent=20,
            workloads=1,
            namespaces=1,
            dependents=1,
            critical_dependents=0,
            disruption_budget="respected",
            autoscaler="none",
        ),
        "reversibility": ReversibilityFacts(reversible=True, inverse=True, data_loss=False, basis=text),
    }
    return Facts.model_construct(**known)


def incident(document: dict[str, Any], text: str) -> Incident:
    """An incident whose analysis says ``text`` everywhere."""
    option = {"label": text, "title": text, "why": text, "why_not": text}
    return read_incident({**document, "analysis": {"options": [option]}})
