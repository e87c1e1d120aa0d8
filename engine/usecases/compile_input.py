"""Compile the input document: derived facts and the ledger's situation at one instant, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.core.errors import UnfitBundle
from engine.core.facts.manifest import manifest
from engine.core.input_document import (
    SCHEMA_VERSION,
    Approval,
    AutonomyFacts,
    Budgets,
    Evidence,
    Facts,
    Finding,
    Incident,
    InputDocument,
    Manifests,
    OpenFacts,
    Proposer,
    Receipt,
    Runbook,
    Stage,
    Switch,
    Time,
)
from engine.core.moment import parse_instant, time_facts
from engine.core.proposal import Proposal
from engine.ports import PolicyEngine
from engine.usecases.derive_facts import Derived


@dataclass(frozen=True, slots=True)
class Situation:
    """What the ledger and the forge know at this instant, read in the transaction that will record the decision."""

    switch: Switch
    incident: Incident | None
    runbook: Runbook | None
    open: OpenFacts
    budgets: Budgets
    autonomy: AutonomyFacts
    evidence: Evidence
    stage: Stage = "propose"
    approvals: Sequence[Approval] = ()
    receipt: Receipt | None = None
    findings: Sequence[Finding] = field(default=())


def compile_input(
    policy: PolicyEngine, proposal: Proposal, derived: Derived, situation: Situation, *, authenticated: bool, now: str
) -> InputDocument:
    """One input document at ``now``; the zones whose clocks it holds are the ones that the calendar data names."""
    proposer = Proposer(id=proposal.proposer.id, kind=proposal.proposer.kind, authenticated=authenticated)
    return InputDocument(
        schema_version=SCHEMA_VERSION,
        stage=situation.stage,
        time=Time.model_validate(time_facts(parse_instant(now), _zones(policy))),
        switch=situation.switch,
        proposer=proposer,
        action=derived.action,
        incident=situation.incident,
        runbook=situation.runbook,
        facts=_facts(derived, situation),
        evidence=situation.evidence,
        change=derived.change,
        manifests=_manifests(derived),
        findings=[*derived.findings, *situation.findings],
        approvals=list(situation.approvals),
        receipt=situation.receipt,
    )


def _zones(policy: PolicyEngine) -> list[str]:
    zones = policy.data("calendar").get("zones")
    if not isinstance(zones, list) or not all(isinstance(zone, str) for zone in zones):
        raise UnfitBundle("calendar.zones is no list of zones", where="policy data", remedy="Run penstock policy check")
    return zones


def _facts(derived: Derived, situation: Situation) -> Facts:
    return Facts(
        target=derived.target,
        source=derived.source,
        blast=derived.blast,
        reversibility=derived.reversibility,
        recent=derived.recent,
        open=situation.open,
        scale=derived.scale,
        image=derived.image,
        configuration=derived.configuration,
        budgets=situation.budgets,
        autonomy=situation.autonomy,
    )


def _manifests(derived: Derived) -> Manifests:
    if derived.built is None:
        return Manifests(before=None, after=None)
    return Manifests(before=manifest(derived.built.before), after=manifest(derived.built.after))
