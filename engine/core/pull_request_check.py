"""The check of a decision: what a forge shows beside a head commit, and what it lets a branch's protection require.

Only an allow that is meant is a success. Everything else keeps the branch from merging: what waits for people is
pending, what policy refuses or the gate can't tell is a failure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.core import canonical
from engine.core.annotations import Level, annotate
from engine.core.change.model import FileEdit
from engine.core.check_report import CheckReport, CheckState
from engine.core.decision import Decision
from engine.core.explanation import as_lines, explain, headline
from engine.core.untrusted import fence, inert, one_line

TITLE_LIMIT = 130
TEXT_LIMIT = 20_000

LEVELS: dict[CheckState, Level] = {"success": "notice", "pending": "warning", "failure": "failure"}


def state_of(decision: Decision) -> CheckState:
    """What a decision comes to on a head commit."""
    if decision.outcome == "deny":
        return "failure"
    return "success" if decision.outcome == "allow" and decision.mode == "enforce" else "pending"


def check_of(decision: Decision, edits: Iterable[FileEdit] = (), *, head: str) -> CheckReport:
    """The report on ``head``: headline, the tree of rules, and a sentence on each changed line."""
    state = state_of(decision)
    title = one_line(headline(decision), limit=TITLE_LIMIT)
    tree = fence("\n".join(as_lines(explain(decision))), limit=TEXT_LIMIT)
    text = f"{tree}\n\nDecision {decision.decision_id}, policy {inert(decision.policy.revision)}."
    notes = annotate(edits, one_line(headline(decision), limit=400), LEVELS[state])
    return CheckReport(state, title, text, notes, marker_of(head, state, decision))


def marker_of(head: str, state: CheckState, decision: Decision) -> str:
    """What binds a report to head, action, policy and the rules that spoke; equal while none of them changes."""
    spoke = [[result.rule, result.status] for result in decision.rules if result.status != "passed"]
    missing = [[wanted.role, wanted.count] for wanted in decision.approvals.missing]
    bound = [head, state, decision.action_digest, decision.policy.digest, spoke, missing]
    return canonical.digest(bound)[7:31]


def trouble(message: str, remedy: str, *, head: str, state: CheckState = "failure") -> CheckReport:
    """The report where no decision stands behind the head: what keeps the gate from one, and what to do."""
    title = one_line(message, limit=TITLE_LIMIT)
    text = "\n\n".join(inert(one_line(part, limit=1000)) for part in (message, remedy) if part)
    return CheckReport(state, title, text, (), canonical.digest([head, state, message])[7:31])


def held_back(report: CheckReport, because: str, state: CheckState) -> CheckReport:
    """A report that is no success for a further reason, whatever was decided."""
    bound = canonical.digest([report.marker, because])[7:31]
    title = one_line(because, limit=TITLE_LIMIT)
    return replace(report, state=state, title=title, text=f"{inert(because)}\n\n{report.text}", marker=bound)


def same(one: CheckReport | None, other: CheckReport) -> bool:
    """Whether a forge shows a report already; one that can't hold a marker is held to state and headline."""
    if one is None or (one.state, one.title) != (other.state, other.title):
        return False
    return one.marker in ("", other.marker)
