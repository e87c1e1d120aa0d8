"""The package for who takes over an incident: where it stands, what was tried, why it stopped, and what is left.

It is read by somebody who was just woken up. So it begins with what is wanted of them, and holds the telemetry as it
was when it was looked at, because a system that is being repaired soon looks otherwise.
"""

from __future__ import annotations

from engine.core.incident import command_sentence
from engine.core.postmortem import Known, decided, hypotheses, options, refused, section, timeline, words
from engine.core.untrusted import fence

SNAPSHOTS = 12
SNAPSHOT_LIMIT = 1500
_TELEMETRY = ("metric", "log", "trace")


def handover(known: Known, *, now: str) -> str:
    """The package in Markdown, as of ``now``. The same record always gives the same text."""
    parts = [
        f"# Hand-over of {words(known.incident.key, 300)}",
        f"As of {now}, from the record.",
        section("Where it stands", _standing(known)),
        section("Why automation stopped", _stopped(known)),
        section("What was attempted", decided(known)),
        section("What was refused, and why", refused(known)),
        section("What may have happened", hypotheses(known.incident)),
        section("Options that are left", options(known.incident)),
        section("Hands off", _hands_off(known)),
        section("Telemetry as it was", _snapshots(known)),
        section("Timeline", timeline(known)),
    ]
    return "\n\n".join(parts) + "\n"


def _standing(known: Known) -> list[str]:
    incident, book = known.incident, known.runbook
    lines = [
        f"- {incident.severity}, {incident.status}, class {words(incident.incident_class) or 'novel: no runbook fits'}",
        f"- Seen {incident.occurrences} times from {incident.first_seen} to {incident.last_seen}",
        f"- In command: {words(command_sentence(incident)) if incident.led else 'nobody'}",
    ]
    if book is not None:
        lines.append(f"- Whom to call: {book.escalation.role}. {book.escalation.text}")
        lines.append(f"- Cost of waiting: {book.cost_of_waiting}")
    return lines


def _stopped(known: Known) -> list[str]:
    """What keeps automation from going on, as far as the record shows it."""
    incident, book, found = known.incident, known.runbook, []
    if incident.novel:
        found.append("No runbook fits, so only people decide.")
    failed = [state for state in known.proposals if state.status == "failed"]
    merged = [state for state in known.proposals if state.merged_at]
    for state in failed:
        found.append(f"{state.claims.action.kind} was merged and didn't help ({state.id}).")
    if book is not None and len(merged) >= book.max_attempts:
        found.append(f"The runbook's {book.max_attempts} attempts are used up.")
    for state in known.proposals:
        if state.status == "awaiting_approval" and state.verdict is not None:
            asked = ", ".join(f"{one.count} of {one.role}" for one in state.verdict.approvals.missing)
            found.append(f"{state.claims.action.kind} waits for {words(asked)} ({state.id}).")
        if state.status == "refused":
            found.append(f"{state.claims.action.kind} was refused ({state.id}).")
        if state.claims.action.kind == "escalate" and state.status == "recorded":
            found.append(f"{words(state.claims.proposer.id)} handed it to people: {words(state.claims.reason, 300)}")
    return [f"- {line}" for line in found] or ["Nothing stopped it: nothing more was proposed."]


def _hands_off(known: Known) -> list[str]:
    if known.runbook is None:
        return ["No runbook says."]
    listed = known.runbook.do_not_touch
    named = [("Kinds", listed.kinds), ("Names", listed.names), ("Namespaces", listed.namespaces)]
    return [f"- {what}: {', '.join(names)}" for what, names in named if names] or ["The runbook names nothing."]


def _snapshots(known: Known) -> list[str]:
    pieces = [piece for piece in known.evidence if piece.kind in _TELEMETRY][:SNAPSHOTS]
    lines = []
    for piece in pieces:
        lines += [f"`{piece.id}` {piece.at}, {words(piece.source)} {piece.kind} of {words(piece.subject)}:", ""]
        lines += [fence(piece.text, limit=SNAPSHOT_LIMIT), ""]
    return lines[:-1] or ["None was had."]
