"""A post-mortem's first draft: what the record knows, in the order in which people ask, and what it doesn't know.

Nobody is blamed and nothing is guessed. What only people can say (why it was possible, what it cost whom) is left open
and marked, so that a draft can't be taken for the finished thing. Words from outside are inert.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.chat import Said, between
from engine.core.evidence import Evidence
from engine.core.incident import Incident, command_sentence
from engine.core.lifecycle import MERGED, ProposalState
from engine.core.moment import seconds_between, shift
from engine.core.runbook import Runbook, Trigger
from engine.core.untrusted import inert, one_line

MOST_EVIDENCE = 30
MOST_SAID = 400
TALK_BEFORE, TALK_AFTER = 3600, 86_400  # seconds around the incident within which talk is about it
_TO_SAY = "*(to be said by people)*"


@dataclass(frozen=True, slots=True)
class Known:
    """All that the record holds of one incident; ``proposals`` in the order in which they were made."""

    incident: Incident
    evidence: Sequence[Evidence]
    proposals: Sequence[ProposalState]
    runbook: Runbook | None


def draft(known: Known, chat: Sequence[Said] = ()) -> str:
    """The draft in Markdown, with what people said in the timeline. The same record always gives the same text."""
    incident = known.incident
    parts = [
        f"# Post-mortem of {words(incident.key, 300)}",
        "A draft from the record. What only people know is marked.",
        section("In short", _short(incident)),
        section("Timeline", timeline(known, chat)),
        section("Evidence", _evidence(known)),
        section("What may have happened", hypotheses(incident)),
        section("Options that there were", options(incident)),
        section("What was decided", decided(known)),
        section("What was refused, and why", refused(known)),
        section("Whether it helped", helped(known)),
        section("Why it was possible", [_TO_SAY]),
        section("What the runbook should learn", lessons(known)),
    ]
    return "\n\n".join(parts) + "\n"


def lessons(known: Known) -> list[str]:
    """What the record itself suggests for signature and runbook, as lines of Markdown."""
    incident, book = known.incident, known.runbook
    if book is None:
        seen = ", ".join(f"{words(reason)} ({source})" for source, reason in incident.kinds)
        return [f"No runbook fits. One whose triggers name these signals would: {seen}."]
    strange = [(source, reason) for source, reason in incident.kinds if not _triggered(book.triggers, source, reason)]
    found = [f"Signals that no trigger of {book.id} names: {words(reason)} ({source})." for source, reason in strange]
    listed = {option.kind for option in book.actions}
    helped = [state for state in known.proposals if state.status == "succeeded"]
    for state in helped:
        kind = state.claims.action.kind
        found.append(f"{kind} helped; the runbook {'lists it' if kind in listed else 'should list it'}.")
    for state in known.proposals:
        if state.status == "failed":
            found.append(f"{state.claims.action.kind} didn't help; its place among the options is to be looked at.")
    return [f"- {line}" for line in found] or ["Nothing that the record shows."]


def _triggered(triggers: Sequence[Trigger], source: str, reason: str) -> bool:
    return any(reason in one.reasons and one.source in (None, source) for one in triggers)


def _short(incident: Incident) -> list[str]:
    ended = incident.resolved_at or "not over yet"
    lasted = f" ({seconds_between(incident.first_seen, ended) // 60} minutes)" if incident.resolved_at else ""
    return [
        f"- Class: {words(incident.incident_class) or 'novel'}, {incident.severity}",
        f"- From {incident.first_seen} to {ended}{lasted}",
        f"- Seen {incident.occurrences} times, by {incident.signal_kinds} kinds of signal",
        f"- Reopened {incident.reopened} times",
        f"- In command: {words(command_sentence(incident)) if incident.led else 'nobody'}",
        f"- Effect on users: {_TO_SAY}",
    ]


def timeline(known: Known, chat: Sequence[Said] = ()) -> list[str]:
    """What happened, what had changed, what was proposed and what people said, in order of time."""
    moments = [(moment.at, words(moment.text, 300)) for moment in known.incident.timeline]
    moments += [(piece.at, words(piece.text, 300)) for piece in known.evidence if piece.kind == "change"]
    for state in known.proposals:
        who, kind = state.claims.proposer.id, state.claims.action.kind
        moments.append((state.created_at, words(f"{who} proposed {kind}: {state.status}", 300)))
        moments += [(state.merged_at, f"{kind} was merged")] if state.merged_at else []
    told, left = _talk(known.incident, chat)
    lines = [f"- {at} {text}" for at, text in sorted(moments + told, key=lambda moment: moment[0])]
    return lines + ([f"- and {left} more messages, said at other times or too many to show"] if left else [])


def _talk(incident: Incident, chat: Sequence[Said]) -> tuple[list[tuple[str, str]], int]:
    """What was said around the incident, marked as such, and how many messages were left out."""
    earliest = shift(incident.first_seen, -TALK_BEFORE)
    latest = shift(incident.resolved_at or incident.last_seen, TALK_AFTER)
    shown = between(chat, earliest, latest)[:MOST_SAID]
    lines = [(one.at, f"*(in chat{', in a thread' if one.reply else ''})* {_quoted(one)}") for one in shown]
    return lines, len(chat) - len(shown)


def _quoted(one: Said) -> str:
    return f"{words(one.by, 60)}: {words(one.text, 400)}"


def _evidence(known: Known) -> list[str]:
    shown = [f"- `{e.id}` {e.at} {e.source} {e.kind}: {words(e.text)}" for e in known.evidence[:MOST_EVIDENCE]]
    left = len(known.evidence) - len(shown)
    return shown + ([f"- and {left} more"] if left else [])


def hypotheses(incident: Incident) -> list[str]:
    """What may have happened, and what each claim cites."""
    analysis = incident.analysis or {}
    lines = [f"By {words(str(analysis['analyst']))}: {words(str(analysis['summary']), 600)}"] if analysis else []
    for claim in analysis.get("hypotheses") or []:
        lines.append(f"- {words(str(claim['claim']), 600)} ({', '.join(f'`{cited}`' for cited in claim['evidence'])})")
    return lines or ["Nobody analysed it."]


def options(incident: Incident) -> list[str]:
    """The options that there were, with what speaks for and against each."""
    lines = []
    for option in (incident.analysis or {}).get("options") or []:
        said = {name: words(str(option[name]), 400) for name in ("title", "why", "why_not", "cost_if_wrong")}
        lines.append(f"- {option['label']}: {said['title']}. For: {said['why']} Against: {said['why_not']}")
        lines.append(f"  If wrong: {said['cost_if_wrong']}")
    return lines or ["None were offered."]


def decided(known: Known) -> list[str]:
    """What was let by, and who approved it."""
    lines = []
    for state in known.proposals:
        verdict = state.verdict
        if verdict is None or verdict.outcome == "deny":
            continue
        by = sorted({words(name) for one in verdict.approvals.satisfied for name in one.by})
        approved = f"; approved by {', '.join(by)}" if by else ""
        lines.append(f"- {_action(state)}: {verdict.outcome}, tier {verdict.tier}{approved}; now {state.status}")
    return lines or ["Nothing that was proposed was let by."]


def refused(known: Known) -> list[str]:
    """What was refused or given up, and why."""
    lines = []
    for state in known.proposals:
        verdict = state.verdict
        if verdict is not None and verdict.outcome == "deny":
            lines.append(f"- {_action(state)}, by {words(state.claims.proposer.id)}:")
            lines += [f"  - {one.rule}: {words(one.message, 400)}" for one in verdict.violations]
        elif state.status in ("rejected", "expired", "closed"):
            lines.append(f"- {_action(state)}: {state.status}. {words(state.note, 400)}")
    return lines or ["Nothing."]


def helped(known: Known) -> list[str]:
    """What was merged, and whether it helped."""
    ended = [state for state in known.proposals if state.status in MERGED]
    return [f"- {_action(state)}: {state.status}. {words(state.note, 400)}" for state in ended] or [
        "Nothing was merged."
    ]


def _action(state: ProposalState) -> str:
    action = state.claims.action
    return f"{action.kind} on {words(f'{action.target.kind} {action.target.name}')} ({state.id})"


def section(title: str, lines: Sequence[str]) -> str:
    """A heading with its lines."""
    return f"## {title}\n\n" + "\n".join(lines)


def words(text: str, limit: int = 200) -> str:
    """Words from outside on one line, inert."""
    return inert(one_line(text, limit=limit))
