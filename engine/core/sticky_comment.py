"""The one comment of the gate on a pull request: how it stands now, what is missing and from whom, and a box to tick.

It is edited in place, and only when it would say something else, so it holds no time and no decision's id.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.decision import Decision
from engine.core.explanation import headline
from engine.core.lifecycle import ProposalState
from engine.core.reevaluate_box import EMPTY
from engine.core.untrusted import inert, one_line

AGAIN = "An approval counts for what was shown when it was given. It can be given again."

_ENDED = {
    "verifying": "Merged. The gate watches whether it helps.",
    "not_synced": "Merged, and not applied in time. People were told.",
    "succeeded": "Merged, and it helped.",
    "failed": "Merged, and it didn't help.",
    "rejected": "Closed: somebody whose word counts said no.",
    "expired": "Closed: nobody approved it in time.",
    "closed": "Closed.",
    "refused": "Closed: policy refuses it.",
}


def comment_of(state: ProposalState) -> str:
    """The comment of a proposal as it stands, from its last decision and its note."""
    decision, note = state.verdict, inert(one_line(state.note, limit=600))
    if state.status in _ENDED:
        return "\n\n".join(part for part in (f"**{_ENDED[state.status]}**", note) if part) + "\n"
    return waiting(decision, note)


def waiting(decision: Decision | None, note: str = "", further: Iterable[str] = ()) -> str:
    """The comment while a pull request is open. ``note`` and ``further`` are Markdown that is inert already."""
    parts = [f"**{_line(headline(decision))}**" if decision else "**The gate couldn't decide.**", note]
    if decision is not None:
        parts += [_missing(decision), _given(decision), _uncounted(decision), _refusals(decision)]
    parts += [*further, EMPTY]
    return "\n\n".join(part for part in parts if part) + "\n"


def _missing(decision: Decision) -> str:
    lines = [f"- {w.count} more of {_line(w.role)}, for {_line(w.rule)}" for w in decision.approvals.missing]
    return "Missing:\n\n" + "\n".join(lines) if lines else ""


def _given(decision: Decision) -> str:
    lines = [f"- {_line(s.role)}: {_line(', '.join(s.by))}" for s in decision.approvals.satisfied]
    return "There already:\n\n" + "\n".join(lines) if lines else ""


def _uncounted(decision: Decision) -> str:
    """Whose last word doesn't count, and why; whoever has one that counts needn't be told of another."""
    counted = {said.approver for said in decision.reviews if said.counts}
    last = {said.approver: said.because for said in decision.reviews if said.approver not in counted}
    lines = [f"- {_line(approver)}: {_line(because)}" for approver, because in sorted(last.items())]
    return "Doesn't count:\n\n" + "\n".join(lines) + f"\n\n{AGAIN}" if lines else ""


def _refusals(decision: Decision) -> str:
    rules = {violation.rule: violation.remedy for violation in decision.violations}
    lines = [f"- {_line(rule)}. {_line(remedy)}." for rule, remedy in sorted(rules.items())]
    return "In the way:\n\n" + "\n".join(lines) if lines else ""


def _line(text: str) -> str:
    return inert(one_line(text, limit=300))
