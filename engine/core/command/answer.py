"""What is answered to a raw command: each simple command with its class, and the decisions on what they ask for.

The outcome is that of the worst part. A command that is refused anywhere is refused as a whole, and nothing in it is
decided on, because an agent that ran the rest would have run another command than the one that was asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.core.command.refusal import CommandRefused
from engine.core.decision import Decision
from engine.core.proposal import ActionRequest
from engine.core.untrusted import one_line

CommandClass = Literal["read_only", "action", "refused"]
CommandOutcome = Literal["read_only", "allow", "require_approval", "deny", "refused"]
_WORST: tuple[CommandOutcome, ...] = ("refused", "deny", "require_approval", "allow", "read_only")


class _Answered(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Refusal(_Answered):
    """Why, as a stable code and a sentence; where in the command; and what to do instead."""

    code: str
    message: str
    where: str
    remedy: str


class CommandPart(_Answered):
    """One simple command as it was understood."""

    command: str
    command_class: CommandClass
    actions: list[ActionRequest] = []
    refusal: Refusal | None = None


class ActionAnswer(_Answered):
    """An action that the command asks for, with its decision; ``proposal`` names it where it was proposed."""

    action: ActionRequest
    decision: Decision
    proposal: str = ""


class CommandAnswer(_Answered):
    """The whole answer; only ``read_only`` and ``allow`` are a yes, and only ``read_only`` may be run."""

    outcome: CommandOutcome
    commands: list[CommandPart]
    answers: list[ActionAnswer]


def refusal_of(error: CommandRefused) -> Refusal:
    """A refusal as it may be shown: nothing in it is longer than a line, or hidden."""
    where = one_line(error.where, limit=200)
    return Refusal(code=error.code, message=one_line(error.message, limit=400), where=where, remedy=error.remedy)


def shown(words: Sequence[str]) -> str:
    """A command as a person may see it."""
    return one_line(" ".join(words), limit=400)


def answer(parts: list[CommandPart], answers: list[ActionAnswer]) -> CommandAnswer:
    """The answer, with the outcome of its worst part."""
    found: set[CommandOutcome] = {"read_only"}
    found |= {"refused" for part in parts if part.command_class == "refused"}
    found |= {one.decision.outcome for one in answers}
    return CommandAnswer(outcome=next(o for o in _WORST if o in found), commands=parts, answers=answers)
