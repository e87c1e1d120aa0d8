"""Read the situation: what the ledger knows at this instant, inside the transaction that will act on it.

Budgets, the switch and what else is under way are read here and nowhere else, so that two proposals decided at
once can't both see the last free slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.budget import BudgetName
from engine.core.errors import UnfitBundle
from engine.core.evidence import Evidence, evidence_of
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.incident import incident_section, runbook_section, touches
from engine.core.incident import UNRESOLVED, Incident, read_incident
from engine.core.input_document import BudgetFacts, Budgets, OpenFacts, Switch
from engine.core.input_document import Evidence as EvidenceSection
from engine.core.input_document import Incident as IncidentSection
from engine.core.input_document import Runbook as RunbookSection
from engine.core.lifecycle import UNDER_WAY, ProposalState, pull_request_key, read_state, target_key
from engine.core.moment import seconds_between, shift
from engine.core.preflight import Known
from engine.core.proposal import Proposal
from engine.ports import Ports, Transaction
from engine.usecases.autonomy import autonomy_facts
from engine.usecases.compile_input import Situation
from engine.usecases.derive_facts import Derived
from engine.usecases.openings import opened_since

RUN_CHECK = "Run penstock policy check"


@dataclass(frozen=True, slots=True)
class Question:
    """One proposal at one instant, with what was derived of it.

    When it is asked again, ``own_id`` is set, and ``held`` is what it has reserved of each budget.
    """

    proposal: Proposal
    derived: Derived
    view: ClusterView
    now: str
    own_id: str = ""
    held: Mapping[str, int] = field(default_factory=dict)


def read_situation(ports: Ports, tx: Transaction, question: Question) -> Situation:
    """The situation of a proposal at stage ``propose``."""
    incident = find_incident(tx, question.proposal, question.view.cluster)
    target = question.proposal.action.target
    section = incident_section(incident, target, question.view, question.now) if incident else None
    return Situation(
        switch=Switch.model_validate({"mode": tx.switch_mode()}),
        incident=section,
        runbook=_runbook(ports, tx, question, incident, section),
        open=_open(ports, tx, question, incident),
        budgets=_budgets(ports, tx, question),
        autonomy=autonomy_facts(ports, tx, question.proposal, section.incident_class if section else "", question.now),
        evidence=_evidence(question.proposal, known_evidence(tx, incident) if incident else []),
    )


def find_incident(tx: Transaction, proposal: Proposal, cluster: str) -> Incident | None:
    """The incident that a proposal names by its key or by one of its signals; newest first, never invented."""
    named = proposal.incident
    if named is None:
        return None
    known = (read_incident(document) for document in reversed(tx.select("incidents")))
    return next((incident for incident in known if incident.involves(named, cluster)), None)


def _runbook(
    ports: Ports, tx: Transaction, question: Question, incident: Incident | None, section: IncidentSection | None
) -> RunbookSection | None:
    runbook = ports.runbooks.get(incident.incident_class) if incident else None
    if incident is None or section is None or runbook is None:
        return None
    derived = question.derived
    merged = merged_for(tx, incident)
    known = Known(
        incident=section,
        target=derived.target,
        source=derived.source,
        reversibility=derived.reversibility,
        recent=derived.recent,
        image=derived.image,
        attempts=sum(1 for state in merged if state.claims.action.kind == question.proposal.action.kind),
        restarted_after_action=any(state.status == "failed" for state in merged),
        reopened=incident.reopened > 0,
    )
    return runbook_section(runbook, question.proposal.action, known)


def merged_for(tx: Transaction, incident: Incident) -> list[ProposalState]:
    """What was already merged for this incident, oldest first."""
    found = tx.find("merged", incident.id) or {"proposals": []}
    documents = [tx.find("proposals", proposal_id) for proposal_id in found["proposals"]]
    return [read_state(document) for document in documents if document is not None]


def _open(ports: Ports, tx: Transaction, question: Question, incident: Incident | None) -> OpenFacts:
    proposal, now = question.proposal, question.now
    own_key = pull_request_key(proposal, incident.key if incident else "")
    history = tx.find("targets", target_key(proposal)) or {"merged": {}, "rejected": {}}
    waiting = [read_state(p) for status in UNDER_WAY for p in tx.select("proposals", status=status)]
    others = [s for s in waiting if s.id != question.own_id and not _gives_way(s, proposal, own_key)]
    kind = proposal.action.kind
    return OpenFacts(
        incidents_on_target=sum(
            1 for other in _open_incidents(tx, incident) if touches(other, proposal.action.target, question.view)
        ),
        proposals_on_target=sum(1 for state in others if state.target == target_key(proposal)),
        pull_requests=len(others),
        opened_lately=opened_since(tx, shift(now, -_window(ports)), now),
        same_action_age_seconds=_age(history["merged"].get(kind), now),
        rejected_age_seconds=_age(history["rejected"].get(kind), now),
    )


def _gives_way(state: ProposalState, proposal: Proposal, key: str) -> bool:
    """Whether a proposal would be updated in place: the same action again, or its proposer's own second thought.

    Nobody else's proposal is swapped for another action, least of all one that people are approving.
    """
    same = state.action_digest == proposal.action.digest or state.claims.proposer.id == proposal.proposer.id
    return state.pull_request_key == key and same


def _open_incidents(tx: Transaction, answered: Incident | None) -> list[Incident]:
    """Incidents that aren't resolved, but for the one that the proposal answers."""
    known = [read_incident(document) for status in UNRESOLVED for document in tx.select("incidents", status=status)]
    return [i for i in known if answered is None or i.id != answered.id]


def _age(at: str | None, now: str) -> int | None:
    return None if at is None else max(0, seconds_between(at, now))


def _budgets(ports: Ports, tx: Transaction, question: Question) -> Budgets:
    scope, window = budget_scope(question.proposal), _window(ports)
    since = shift(question.now, -window)

    def budget(name: BudgetName, wanted: int) -> BudgetFacts:
        used = tx.used(name, scope, since=since, now=question.now)
        requested = max(0, wanted - question.held.get(name, 0))
        return BudgetFacts(scope=scope, window_seconds=window, used=used, requested=requested)

    return Budgets(automatic_fixes=budget("automatic_fixes", 1), pods=budget("pods", question.derived.blast.pods))


def _window(ports: Ports) -> int:
    """The seconds that allowances are counted over."""
    window = ports.policy.data("rates").get("window_seconds")
    if not isinstance(window, int) or window < 1:
        raise UnfitBundle("rates.window_seconds is no number of seconds", where="policy data", remedy=RUN_CHECK)
    return window


def budget_scope(proposal: Proposal) -> str:
    """The scope that budgets are counted in: cluster and namespace."""
    target = proposal.action.target
    return f"{target.cluster}/{target.namespace or '-'}"


def known_evidence(tx: Transaction, incident: Incident) -> list[Evidence]:
    """What was gathered for an incident when it was analysed, and what its signals hold now."""
    stored = tx.find("evidence", incident.id) or {"pieces": []}
    pieces = [Evidence(**piece) for piece in stored["pieces"]]
    return pieces + [piece for piece in evidence_of(incident) if piece not in pieces]


def _evidence(proposal: Proposal, evidence: list[Evidence]) -> EvidenceSection:
    known = {piece.id: f"{piece.source}:{piece.kind}" for piece in evidence}
    cited = set(proposal.evidence)
    return EvidenceSection(
        cited=len(cited & set(known)),
        missing=len(cited - set(known)),
        sources=len({known[piece] for piece in cited if piece in known}),
    )
