"""An analysis: untrusted hypotheses and options, in a shape that can be held against what was really observed.

Whoever made it, a model or the runbooks' own signatures, it may only cite evidence that exists and only choose
among the options that the runbook gives. Its confidence is shown and compared with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine.core.errors import AnalysisRefused, InventedAction, InventedEvidence, InventedTarget
from engine.core.input_document import Param
from engine.core.proposal import TargetReference

EvidenceId = Annotated[str, StringConstraints(pattern=r"^ev-[0-9a-f]{12}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Hypothesis(_Part):
    """One claim with the evidence it rests on. ``quote`` is text from that evidence: data, never to be obeyed."""

    claim: Text
    evidence: Annotated[list[EvidenceId], Field(min_length=1, max_length=20)]
    quote: Annotated[str, StringConstraints(max_length=400)] = ""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class OptionAction(_Part):
    """What an option would propose."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{2,40}$")]
    target: TargetReference
    params: dict[str, Param] = {}


class Option(_Part):
    """One way on, lettered in order of recommendation; ``action`` is ``None`` for watching.

    ``reversibility`` is the gate's to fill from the action's own derivation; nobody else's word on it counts.
    """

    label: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    title: Text
    role: Literal["fix", "buys_time", "gathers", "limits_damage", "watch", "escalate"]
    action: OptionAction | None
    why: Text
    why_not: Text
    cost_if_wrong: Text
    cost_of_waiting: Text
    evidence: list[EvidenceId] = []
    reversibility: str | None = None


class Withheld(_Part):
    """An option of the runbook that isn't offered, and why."""

    title: Text
    because: Text


class ModelUse(_Part):
    """What a model was asked and what came of it: digests of what was sent and received, and its cost in tokens.

    ``stands`` says whether the analysis is the model's; ``because`` why not, ``dropped`` how many of its claims
    nothing supported, ``queries`` which of the runbook's it had run.
    """

    name: Text
    stands: bool
    because: Annotated[str, StringConstraints(max_length=600)] = ""
    prompts: list[str] = []
    responses: list[str] = []
    tokens_in: Annotated[int, Field(ge=0)] = 0
    tokens_out: Annotated[int, Field(ge=0)] = 0
    dropped: Annotated[int, Field(ge=0)] = 0
    queries: list[str] = []


class Analysis(_Part):
    """Summary, hypotheses and ranked options of one incident at one time, and who made them."""

    incident: str
    analyst: str
    at: str
    summary: Text
    hypotheses: Annotated[list[Hypothesis], Field(max_length=10)]
    options: Annotated[list[Option], Field(min_length=2, max_length=12)]
    withheld: list[Withheld] = []
    model: ModelUse | None = None


def check_analysis(document: Mapping[str, Any], *, evidence: set[str], offered: list[Option]) -> Analysis:
    """The analysis, if everything in it is supported.

    ``evidence`` are the ids that exist, ``offered`` the options that the runbook gives. Raises
    :class:`InventedEvidence`, :class:`InventedAction`, :class:`InventedTarget` or :class:`AnalysisRefused`.
    """
    try:
        analysis = Analysis.model_validate(dict(document))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "analysis"
        raise AnalysisRefused(first["msg"], where=field, remedy="Ask the analyst again, or go by the runbook") from None
    cited = {i for h in analysis.hypotheses for i in h.evidence} | {i for o in analysis.options for i in o.evidence}
    if cited - evidence:
        raise InventedEvidence(f"{min(cited - evidence)} was never observed", where=f"analysis by {analysis.analyst}")
    for option in analysis.options:
        _check_option(option, offered, f"option {option.label} of {analysis.analyst}")
    for role in ("watch", "escalate"):
        if not any(option.role == role for option in analysis.options):
            raise AnalysisRefused(f"no option to {role} is offered", where=f"analysis by {analysis.analyst}")
    labels = [option.label for option in analysis.options]
    if labels != sorted(set(labels)):
        raise AnalysisRefused("options are not lettered in order", where=f"analysis by {analysis.analyst}")
    return analysis


def _check_option(option: Option, offered: list[Option], where: str) -> None:
    if option.reversibility is not None:
        raise AnalysisRefused("reversibility is the gate's to say", where=where)
    if option.action is None:
        if option.role != "watch":
            raise InventedAction("it has no action and isn't to watch", where=where)
        return
    allowed = [o.action for o in offered if o.action is not None]
    same_kind = [action for action in allowed if action.kind == option.action.kind]
    if not same_kind:
        raise InventedAction(f"the runbook doesn't give {option.action.kind}", where=where)
    if all(action.target != option.action.target for action in same_kind):
        raise InventedTarget(f"{option.action.target.kind} {option.action.target.name} isn't in question", where=where)
    if option.action not in allowed:
        raise InventedAction(f"the runbook doesn't give these parameters for {option.action.kind}", where=where)
