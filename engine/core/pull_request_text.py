"""The words of a pull request: what an approver needs first comes first, and nothing from outside can act.

It is read on a phone at three in the morning: outcome and what is wanted, target and reach, the options with their
reasons, the evidence, the tree of rules, how to undo it, when it expires.
"""

from __future__ import annotations

from textwrap import wrap

from engine.core.decision import Decision
from engine.core.explanation import as_lines, explain, headline
from engine.core.incident import Incident
from engine.core.input_document import Facts
from engine.core.lifecycle import ProposalState
from engine.core.untrusted import fence, inert, one_line

MARKER = "penstock-decision"
RULES_LIMIT = 20_000


def title(state: ProposalState) -> str:
    """One line: what is done, and to what."""
    action = state.claims.action
    place = f"{action.target.namespace}/{action.target.name}" if action.target.namespace else action.target.name
    return one_line(f"{action.kind.replace('_', ' ').capitalize()}: {action.target.kind} {place}", limit=120)


def body(state: ProposalState, decision: Decision, facts: Facts, incident: Incident | None) -> str:
    """The whole text in Markdown."""
    parts = [
        f"**{headline(decision)}**",
        _wanted(decision),
        inert(str((state.change or {}).get("summary", ""))),
        _reach(state, facts),
        _incident(incident),
        _options(incident),
        _claims(state),
        _details("The rules that decided", fence("\n".join(as_lines(explain(decision))), limit=RULES_LIMIT)),
        _undo(facts),
        f"Expires {decision.expires_at}. Policy {decision.policy.revision}, decision {decision.decision_id}.",
        f"<!-- {MARKER}: {decision.decision_id} -->",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def commit_message(state: ProposalState, summary: str, trailers: dict[str, str]) -> str:
    """A commit message whose trailers prove, from Git alone, what was decided."""
    named = [f"{name}: {value}" for name, value in trailers.items()]
    return "\n".join([title(state), "", *wrap(one_line(summary, limit=600), 72), "", *named]) + "\n"


def _wanted(decision: Decision) -> str:
    missing = [f"- {w.count} more of `{w.role}` ({w.rule})" for w in decision.approvals.missing]
    return "Wanted before it merges:\n" + "\n".join(missing) if missing else ""


def _reach(state: ProposalState, facts: Facts) -> str:
    target, blast = state.claims.action.target, facts.blast
    rows = {
        "target": f"{target.kind} {target.namespace}/{target.name} in {target.cluster}",
        "environment": f"{facts.target.environment}, {facts.target.criticality}",
        "owner": facts.target.owner or "unknown",
        "reach": f"{blast.pods} pods ({blast.pods_percent} % of the namespace), {blast.workloads} workloads, "
        f"{blast.dependents} dependents",
        "disruption budget": blast.disruption_budget,
        "reversible": "yes, by the inverse edit" if facts.reversibility.reversible else "no",
        "file": facts.source.path or "none",
    }
    lines = [
        "| | |",
        "|---|---|",
        *(f"| {name} | {inert(one_line(value, limit=400))} |" for name, value in rows.items()),
    ]
    return "\n".join(lines)


def _incident(incident: Incident | None) -> str:
    if incident is None:
        return "No incident is named."
    known = incident.incident_class or "it fits no known class, so senior people decide"
    return (
        f"Incident {inert(one_line(incident.key, limit=400))}: {known}. "
        f"{incident.severity}, seen {incident.occurrences} times since {incident.first_seen}."
    )


def _options(incident: Incident | None) -> str:
    options = ((incident.analysis if incident else None) or {}).get("options") or []
    lines = []
    for option in options:
        lines.append(f"- **{option['label']}** {inert(option['title'])}: {inert(option['why'])}")
        lines.append(f"  Not because: {inert(option['why_not'])}")
    return _details("Options", "\n".join(lines)) if lines else ""


def _claims(state: ProposalState) -> str:
    claims = state.claims
    cited = ", ".join(f"`{evidence}`" for evidence in claims.evidence) or "none"
    said = f"Proposed by `{claims.proposer.id}`. Evidence cited: {cited}."
    if not claims.reason:
        return said
    return said + "\n\nWhat the proposer says (shown, never weighed):\n\n" + fence(claims.reason, limit=600)


def _undo(facts: Facts) -> str:
    if not facts.reversibility.inverse:
        return ""
    return "To undo it after the merge: `git revert -m 1 <merge commit>`, or propose `revert_commit` with that commit."


def _details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
