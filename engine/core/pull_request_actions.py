"""What is said of a pull request with several actions: the worst of them first, then each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core import canonical
from engine.core.annotations import annotate
from engine.core.change.model import FileEdit
from engine.core.check_report import CheckReport
from engine.core.decision import Decision
from engine.core.explanation import as_lines, explain, headline
from engine.core.proposal import ActionRequest
from engine.core.pull_request_check import LEVELS, TEXT_LIMIT, TITLE_LIMIT, marker_of, state_of
from engine.core.sticky_comment import waiting
from engine.core.untrusted import fence, inert, one_line

NOTHING = "Nothing that is applied changes"

_GRAVITY = {"allow": 0, "require_approval": 1, "deny": 2}

Decided = Sequence[tuple[ActionRequest, Decision]]


def worst(decisions: Iterable[Decision]) -> Decision:
    """The gravest answer: a refusal before a question before an allow, then the highest tier."""
    return max(decisions, key=lambda d: (_GRAVITY[d.outcome], d.mode != "enforce", d.tier))


def check_of_all(decided: Decided, edits: Iterable[FileEdit], *, head: str) -> CheckReport:
    """The report on ``head``: the worst answer, and the tree of each action."""
    if not decided:
        return CheckReport("success", NOTHING, "", (), canonical.digest([head, NOTHING])[7:31])
    gravest = worst(decision for _, decision in decided)
    state, limit = state_of(gravest), TEXT_LIMIT // len(decided)
    trees = [f"{_action(action)}\n\n{_tree(decision, limit)}" for action, decision in decided]
    notes = annotate(edits, one_line(headline(gravest), limit=400), LEVELS[state])
    bound = canonical.digest([marker_of(head, state_of(decision), decision) for _, decision in decided])
    return CheckReport(state, one_line(headline(gravest), limit=TITLE_LIMIT), "\n\n".join(trees), notes, bound[7:31])


def comment_of_all(decided: Decided, further: Sequence[str] = ()) -> str:
    """The gate's comment: the worst answer with what is missing, a line for each action, and ``further`` parts."""
    if not decided:
        return f"**{NOTHING}.**\n"
    gravest = worst(decision for _, decision in decided)
    lines = [f"- {_action(action)}: {inert(one_line(headline(decision)))}" for action, decision in decided]
    return waiting(gravest, "", ["It comes to:\n\n" + "\n".join(lines), *further])


def _action(action: ActionRequest) -> str:
    target = action.target
    place = f"{target.namespace}/{target.name}" if target.namespace else target.name
    return inert(one_line(f"{action.kind.replace('_', ' ')} of {target.kind} {place}", limit=200))


def _tree(decision: Decision, limit: int) -> str:
    return fence("\n".join(as_lines(explain(decision))), limit=limit)
