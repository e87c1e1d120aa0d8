"""What tools answer: a denial is an answer with codes and remedies, so that an agent can do something about it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from engine.core.decision import Decision
from engine.core.errors import PenstockError
from engine.core.explanation import as_lines, explain, headline
from engine.core.lifecycle import ProposalState
from engine.core.untrusted import clean, one_line


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Denial(_Answer):
    """One rule that refused, or one reason that the gate couldn't go on: a stable code, a sentence, what to do."""

    code: str
    message: str
    remedy: str
    where: str = ""


class DecisionAnswer(_Answer):
    """A decision, or why there is none. ``outcome`` is ``allow``, ``require_approval``, ``deny`` or ``refused``."""

    outcome: str
    summary: str
    denials: list[Denial] = []
    approvals_missing: list[str] = []
    path_to_allow: list[str] = []
    decision_id: str = ""
    proposal_id: str = ""
    status: str = ""
    pull_request: int | None = None
    explanation: list[str] = []


class RunbookSummary(_Answer):
    """One incident class: its id, title, and the kinds of action that its runbook allows."""

    id: str
    title: str
    actions: list[str]


class KindSummary(_Answer):
    """One kind of action: what it does, the targets it fits (none: any), and its parameters as a JSON schema."""

    id: str
    title: str
    targets: list[str]
    params: dict[str, Any]


def of_decision(decision: Decision, state: ProposalState | None = None, *, whole: bool = False) -> DecisionAnswer:
    """A decision, with the proposal it is about where there is one; ``whole`` adds every rule that was asked."""
    denials = [
        Denial(code=v.rule, message=one_line(v.message, limit=500), remedy=v.remedy) for v in decision.violations
    ]
    return DecisionAnswer(
        outcome=decision.outcome,
        summary=one_line(headline(decision), limit=500),
        denials=denials,
        approvals_missing=[f"{want.count} of {want.role}" for want in decision.approvals.missing],
        path_to_allow=[one_line(step, limit=500) for step in decision.path_to_allow],
        decision_id=decision.decision_id,
        proposal_id=state.id if state else "",
        status=state.status if state else "",
        pull_request=state.pull_request if state else None,
        explanation=[clean(line) for line in as_lines(explain(decision))] if whole else [],
    )


def of_state(state: ProposalState) -> DecisionAnswer:
    """A proposal as it stands."""
    if state.verdict is not None:
        return of_decision(state.verdict, state)
    return DecisionAnswer(outcome="refused", summary="It holds no decision", proposal_id=state.id, status=state.status)


def of_error(error: PenstockError) -> DecisionAnswer:
    """Why the gate didn't go on, in the same shape as a decision."""
    where, message = one_line(error.where), one_line(error.message, limit=500)
    denial = Denial(code=error.reason, message=message, remedy=error.remedy, where=where)
    return DecisionAnswer(outcome="refused", summary=f"No decision: {message}", denials=[denial])
