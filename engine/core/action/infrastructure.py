"""Applying a Terraform plan: what it would do to each resource is the action, so that its digest binds all of it."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from engine.core.action.kind import ActionKind, Object, Params, Undo
from engine.core.proposal import ActionRequest, TargetReference
from engine.core.terraform.plan import ACTIONS, MOST_CHANGES, Plan
from engine.core.terraform.state import StateMark

APPLY_PLAN, WORKSPACE = "apply_plan", "Workspace"

Resource = Annotated[str, StringConstraints(max_length=420, pattern=r"^[a-z][a-z0-9_-]* [A-Za-z0-9_.:/@\[\]\"-]+$")]
Resources = Annotated[list[Resource], Field(default_factory=list, max_length=MOST_CHANGES)]
Finding = Annotated[str, StringConstraints(max_length=160, pattern=r"^[A-Za-z0-9_]+(:[A-Za-z0-9_./:-]*)?$")]
Findings = Annotated[list[Finding], Field(default_factory=list, max_length=MOST_CHANGES)]


class ApplyPlan(Params):
    """A plan by the digest of its document, the state it was made against, and each resource that it would change.

    ``findings`` are what scanning found new in it, as ``check:resource``.
    """

    plan: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
    lineage: Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9-]*$")]
    serial: Annotated[int, Field(ge=0)]
    create: Resources
    update: Resources
    replace: Resources
    destroy: Resources
    forget: Resources
    adopt: Resources
    move: Resources
    invoke: Resources
    scanned: Annotated[bool, Field(default=False)]
    findings: Findings


def apply_plan(
    plan: Plan, state: StateMark, *, cluster: str, workspace: str, findings: Sequence[str] | None = None
) -> ActionRequest:
    """The action that applying a plan to a workspace is; ``findings`` are ``None`` where it wasn't scanned."""
    changes = {action: plan.of(action) for action in ACTIONS}
    return ActionRequest(
        kind=APPLY_PLAN,
        target=TargetReference(cluster=cluster, kind=WORKSPACE, name=workspace),
        params={"plan": plan.digest, "lineage": state.lineage, "serial": state.serial, **changes, **_scan(findings)},
    )


def _scan(findings: Sequence[str] | None) -> dict[str, Any]:
    return {} if findings is None else {"scanned": True, "findings": list(findings)}


def _undoing(params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    gone = len(params.replace) + len(params.destroy) + len(params.forget)
    if gone or params.invoke:
        return Undo(False, False, f"{gone} resources would be gone, and {len(params.invoke)} provider actions run")
    return Undo(True, False, "another plan brings back what was there; nothing is destroyed")


KINDS = (
    ActionKind(
        APPLY_PLAN,
        "Let the pipeline apply a Terraform plan",
        frozenset({WORKSPACE}),
        ApplyPlan,
        permission=True,
        undo=_undoing,
    ),
)
