"""Facts about the incident a proposal answers, and what its runbook says of the action."""

from __future__ import annotations

from engine.core.facts.blast import affected_pods
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.concern import concerns_target
from engine.core.incident import Incident
from engine.core.input_document import Incident as IncidentSection
from engine.core.input_document import Runbook as RunbookSection
from engine.core.moment import seconds_between
from engine.core.preflight import Known, preflight, stop_conditions
from engine.core.proposal import ActionRequest, TargetReference
from engine.core.runbook import Runbook

NOVEL = "novel"


def incident_section(incident: Incident, target: TargetReference, view: ClusterView, now: str) -> IncidentSection:
    """The incident as policy sees it at ``now``, and whether ``target`` is any of its business."""
    return IncidentSection(
        key=incident.key,
        incident_class=incident.incident_class or NOVEL,
        novel=incident.novel,
        severity=incident.severity,
        status=incident.status,
        occurrences=incident.occurrences,
        signal_kinds=incident.signal_kinds,
        untold=incident.untold,
        age_seconds=max(0, seconds_between(incident.first_seen, now)),
        commander=incident.commander != "",
        concerns_target=concerns_target(incident, target, view),
    )


def runbook_section(runbook: Runbook, action: ActionRequest, known: Known) -> RunbookSection:
    """What the runbook says of this action."""
    target = action.target
    return RunbookSection(
        id=runbook.id,
        digest=runbook.digest,
        lists_action=runbook.lists(action.kind),
        do_not_touch=runbook.do_not_touch.covers(target.kind, target.namespace, target.name),
        attempts=known.attempts,
        max_attempts=runbook.max_attempts,
        rejected_cooldown_seconds=runbook.rejected_cooldown_seconds,
        preflight=preflight(runbook, known),
        stop_conditions=stop_conditions(runbook, known),
    )


def touches(incident: Incident, target: TargetReference, view: ClusterView) -> bool:
    """Whether an action on ``target`` would reach the object at the incident's root, directly or through its pods."""
    root = (incident.root.kind, incident.root.namespace, incident.root.name)
    if incident.root.cluster != target.cluster:
        return False
    reached = {(target.kind, target.namespace, target.name)}
    reached |= {view.root_owner("Pod", pod) for pod in affected_pods(view, target) or ()}
    return root in reached
