"""The one list of kinds, and the check of a request against it.

An unknown kind is not an error here: the gate has to turn it into a decision that says so, as it has for anything
else that it doesn't know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import ValidationError

from engine.core.action import configuration, desired_state, governance, infrastructure, one_shot, privileged, workload
from engine.core.action.kind import ActionKind, CheckedAction, Object
from engine.core.errors import BadInput
from engine.core.input_document import ReversibilityFacts
from engine.core.proposal import ActionRequest

_ALL = (
    *workload.KINDS,
    *configuration.KINDS,
    *one_shot.KINDS,
    *desired_state.KINDS,
    *privileged.KINDS,
    *infrastructure.KINDS,
    *governance.KINDS,
)

_REMEDY = "Correct the parameter"

CATALOGUE: Mapping[str, ActionKind] = MappingProxyType({kind.id: kind for kind in _ALL})


@dataclass(frozen=True, slots=True)
class Known:
    """Whether the catalogue has a request's kind and its target and parameters fit; true or false as a condition."""

    known: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.known


def check(request: ActionRequest) -> CheckedAction:
    """The request with its parameters read. Raises :class:`BadInput` naming the field that doesn't fit."""
    kind = CATALOGUE.get(request.kind)
    if kind is None:
        raise BadInput(f"unknown action kind {request.kind!r}", where="action.kind", remedy="Use one of the catalogue")
    if kind.targets and request.target.kind not in kind.targets:
        fitting = ", ".join(sorted(kind.targets))
        message = f"{kind.id} doesn't fit a {request.target.kind}"
        raise BadInput(message, where="action.target.kind", remedy=f"It fits {fitting}")
    try:
        params = kind.params.model_validate(request.params)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # The location of a union also names its branches; only the parts before the first branch are fields.
        parts = [str(part) for part in first["loc"][:1]] or ["params"]
        where = "action.params" if parts == ["params"] else f"action.params.{'.'.join(parts)}"
        raise BadInput(f"{kind.id}: {_sentence(first['type'], first['msg'])}", where=where, remedy=_REMEDY) from None
    if isinstance(params, privileged.ChangeRbac) and not privileged.fits_role(request.target, params):
        message = f"a {request.target.kind} takes " + (
            "rules" if request.target.kind in privileged.ROLES else "subjects"
        )
        raise BadInput(message, where="action.params", remedy="Name resources and verbs, or a service_account")
    return CheckedAction(request, kind, params)


def _sentence(kind: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        return "it has characters, or a form, that this parameter doesn't take"
    return message.removeprefix("Value error, ")


def known(request: ActionRequest) -> Known:
    """Whether :func:`check` would accept the request, and why not."""
    try:
        check(request)
    except BadInput as refusal:
        return Known(False, str(refusal))
    return Known(True)


def reversibility(action: CheckedAction, before: Object | None) -> ReversibilityFacts:
    """What undoing this very action would take, given the target as Git renders it (``None``: not known)."""
    undo = action.kind.undo(action.params, action.target, before)
    return ReversibilityFacts(
        reversible=undo.reversible,
        inverse=action.kind.needs_change,
        data_loss=undo.data_loss,
        basis=undo.basis,
    )
