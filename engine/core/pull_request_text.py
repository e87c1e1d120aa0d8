"""The words of a pull request: what an approver needs first comes first, and nothing from outside can act.

It is read on a phone at three in the morning: outcome and what is wanted, target and reach, the options with their
reasons, the evidence, the tree of rules, how to undo it, when it expires.
"""

from __future__ import annotations

from textwrap import wrap

from engine.core.action.governance import GOVERNING
from engine.core.action.infrastructure import APPLY_PLAN
from engine.core.decision import Decision
from engine.core.explanation import as_lines, explain, headline
from engine.core.incident import Incident, command_sentence
from engine.core.input_document import BlastFacts, Facts
from engine.core.lifecycle import ProposalState
from engine.core.reevaluate_box import EMPTY
from engine.core.untrusted import fence, inert, one_line

MARKER = "penstock-decision"
RULES_LIMIT = 20_000


def title(state: ProposalState) -> str:
    """One line: what is done, and to what."""
    action = state.claims.action
    place = f"{action.target.namespace}/{action.target.name}" if action.target.namespace else action.target.name
    return one_line(f"{action.kind.replace('_', ' ').capitalize()}: {action.target.kind} {place}", limit=120)


def body(state: ProposalState, decision: Decision, facts: Facts, incident: Incident | None) -> str:
    """The whole text in Markdown, in the order in which somebody on a phone needs it."""
    parts = [
        f"**{_plain(headline(decision))}**",
        _wanted(decision),
        _plain(str((state.change or {}).get("summary", "")), limit=600),
        _reach(state, facts),
        _incident(incident),
        _options(incident),
        _claims(state),
        _details("The rules that decided", fence("\n".join(as_lines(explain(decision))), limit=RULES_LIMIT)),
        _undo(state, facts),
        EMPTY,
        f"Expires {decision.expires_at}. Policy {_plain(decision.policy.revision)}, decision {decision.decision_id}.",
        marker(decision),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def marker(decision: Decision) -> str:
    """What tells a machine which decision a text is about; it is invisible, and nothing is believed because of it."""
    return f"<!-- {MARKER}: {decision.decision_id} -->"


def commit_message(state: ProposalState, summary: str, trailers: dict[str, str]) -> str:
    """A commit message whose trailers prove, from Git alone, what was decided."""
    named = [f"{name}: {value}" for name, value in trailers.items()]
    return "\n".join([title(state), "", *wrap(one_line(summary, limit=600), 72), "", *named]) + "\n"


def _wanted(decision: Decision) -> str:
    missing = [f"- {w.count} more of {_plain(w.role)}, for {_plain(w.rule)}" for w in decision.approvals.missing]
    return "Wanted before it merges:\n\n" + "\n".join(missing) if missing else ""


def _reach(state: ProposalState, facts: Facts) -> str:
    target, blast = state.claims.action.target, facts.blast
    place = f"{target.namespace}/{target.name}" if target.namespace else target.name
    in_cluster = state.claims.action.kind not in (APPLY_PLAN, *GOVERNING)
    undone = "yes, by another plan" if state.claims.action.kind == APPLY_PLAN else "yes, by the inverse edit"
    lines = {
        "Target": f"{target.kind} {place} in {target.cluster}",
        "Place": f"{facts.target.environment}, {facts.target.criticality}",
        "Owner": facts.target.owner or "unknown",
        "Reach": f"{blast.pods} pods, {blast.pods_percent} % of the namespace; {_counted(blast)}" if in_cluster else "",
        "Unknown": ", ".join(blast.unknown),
        "Disruption budget": blast.disruption_budget,
        "Can be undone": undone if facts.reversibility.reversible else "no",
        "File": facts.source.path or "none",
    }
    return "\n".join(f"- {name}: {_plain(value, limit=400)}" for name, value in lines.items() if value)


def _counted(blast: BlastFacts) -> str:
    return f"{blast.workloads} workloads, {blast.dependents} dependents ({blast.critical_dependents} critical)"


def _incident(incident: Incident | None) -> str:
    if incident is None:
        return "No incident is named."
    known = _plain(incident.incident_class) or "it fits no known class, so senior people decide"
    return (
        f"Incident {_plain(incident.key, limit=400)}: {known}. "
        f"{incident.severity}, seen {incident.occurrences} times since {incident.first_seen}."
        + (f" In command: {_plain(command_sentence(incident), limit=700)}." if incident.led else "")
    )


def _options(incident: Incident | None) -> str:
    options = ((incident.analysis if incident else None) or {}).get("options") or []
    lines = []
    for option in options:
        label, title, why, why_not = (_plain(str(option[key]), 600) for key in ("label", "title", "why", "why_not"))
        lines.append(f"- **{label}** {title}: {why}")
        lines.append(f"  Not because: {why_not}")
        wrong, waiting = (_plain(str(option[key]), 600) for key in ("cost_if_wrong", "cost_of_waiting"))
        lines.append(f"  If wrong: {wrong} Waiting: {waiting}")
    return _details("Options", "\n".join(lines)) if lines else ""


def _claims(state: ProposalState) -> str:
    claims = state.claims
    cited = ", ".join(_plain(evidence) for evidence in claims.evidence) or "none"
    said = f"Proposed by {_plain(claims.proposer.id)}. Evidence cited: {cited}."
    if not claims.reason:
        return said
    return said + "\n\nWhat the proposer says (shown, never weighed):\n\n" + fence(claims.reason, limit=600)


def _undo(state: ProposalState, facts: Facts) -> str:
    if not facts.reversibility.inverse or state.claims.action.kind == APPLY_PLAN:
        return ""
    return "To undo it after the merge: `git revert -m 1 MERGE_COMMIT`, or propose `revert_commit` with that commit."


def _details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _plain(text: str, limit: int = 300) -> str:
    """Words of anybody's on one line, inert."""
    return inert(one_line(text, limit=limit))
