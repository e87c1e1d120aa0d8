"""Derive what the gate itself finds out about applying a Terraform plan, and build the change that approves it.

A workspace isn't in the cluster: where it runs, whose it is and what is at stake come from policy data, which people
review. The change is one file in Git that names the plan; the pipeline applies no other.
"""

from __future__ import annotations

from typing import Any

from engine.core.action.catalogue import reversibility
from engine.core.action.kind import CheckedAction
from engine.core.change.model import Change, FileEdit
from engine.core.errors import BadInput, ChangeRefused, NotFound, NothingToChange
from engine.core.facts.image import NO_IMAGE
from engine.core.input_document import (
    BlastFacts,
    RecentFacts,
    ReversibilityFacts,
    ScaleFacts,
    SourceFacts,
    TargetFacts,
)
from engine.core.input_document import Change as ChangeSection
from engine.core.proposal import ActionRequest
from engine.core.terraform.approved_plan import path_of, read_approved, refuse_stale, write_approved
from engine.core.terraform.plan import ACTIONS
from engine.core.terraform.state import StateMark
from engine.ports import Ports
from engine.usecases.build_change import BuiltChange
from engine.usecases.derive_facts import Derived, check_action

# A plan disturbs no pods that the gate could count; how much it changes is what the rules of terraform/ look at.
_NO_PODS = BlastFacts(
    unknown=[],
    pods=0,
    pods_percent=0,
    workloads=0,
    namespaces=0,
    dependents=0,
    critical_dependents=0,
    disruption_budget="none",
    autoscaler="none",
)


def derive_plan(ports: Ports, request: ActionRequest) -> Derived:
    """Everything about applying a plan that can be known before the ledger is asked."""
    action, checked = check_action(request)
    built, refusal = _build(ports, checked)
    return Derived(
        action=action,
        target=_workspace(ports, request),
        source=built.source if built else _no_source(refusal),
        blast=_NO_PODS,
        reversibility=_reversibility(checked, built),
        recent=RecentFacts(known=True, changes=0, last_age_seconds=None, deploy_in_progress=False),
        scale=ScaleFacts(before=None, after=None),
        image=NO_IMAGE,
        change=_change(built, refusal),
        built=built,
    )


def _no_source(refusal: Exception | None) -> SourceFacts:
    found = refusal is None or isinstance(refusal, ChangeRefused)
    return SourceFacts(status="found" if found else "missing", path="", renderer="", commit="")


def _workspace(ports: Ports, request: ActionRequest) -> TargetFacts:
    workspaces = ports.policy.data("terraform").get("workspaces")
    known: Any = workspaces.get(request.target.name) if isinstance(workspaces, dict) else None
    about = known if isinstance(known, dict) else {}
    here = request.target.cluster == ports.cluster.name
    return TargetFacts.model_validate(
        {
            "found": bool(about) and here,
            "uid": "",
            "resource_version": "",
            "generation": None,
            "environment": about.get("environment", "unknown"),
            "criticality": about.get("criticality", "unknown"),
            "owner": about.get("owner", ""),
            "stateful": False,
            "managed_by_git": True,
        }
    )


def _build(ports: Ports, checked: CheckedAction | None) -> tuple[BuiltChange | None, Exception | None]:
    if checked is None:
        return None, None
    if ports.repository is None:
        return None, NotFound("no GitOps repository was given")
    try:
        return _approval(ports, checked), None
    except (ChangeRefused, NotFound, BadInput) as refusal:
        return None, refusal


def _approval(ports: Ports, checked: CheckedAction) -> BuiltChange:
    repository, params = ports.repository, checked.params
    assert repository is not None  # noqa: S101 - the caller looked
    path, commit = path_of(checked.target.name), repository.head(ports.branch)
    before = repository.read(commit, path)
    if before is not None:
        refuse_stale(read_approved(before, where=path), StateMark(params.lineage, params.serial), where=path)
    after = write_approved(params.model_dump(mode="json"), checked.digest)
    if after == before:
        raise NothingToChange("this very plan is approved already", where=path, remedy="Apply it")
    does = ", ".join(f"{action} {n}" for action in ACTIONS if (n := len(getattr(params, action)))) or "change nothing"
    summary = f"Approve plan {params.plan[7:19]} of workspace {checked.target.name}: {does}"
    change = Change(commit, (FileEdit(path, before, after),), summary, verified=True)
    source = SourceFacts(status="found", path=path, renderer="", commit=commit)
    return BuiltChange(change, source, None, None)


def _reversibility(checked: CheckedAction | None, built: BuiltChange | None) -> ReversibilityFacts:
    if checked is None:
        return ReversibilityFacts(reversible=False, inverse=False, data_loss=False, basis="unknown action")
    return reversibility(checked, None).model_copy(update={"inverse": built is not None})


def _change(built: BuiltChange | None, refusal: Exception | None) -> ChangeSection:
    change = built.change if built else None
    return ChangeSection(
        built=change is not None,
        verified=change is not None and change.verified,
        needed=True,
        refusal=getattr(refusal, "reason", ""),
        digest=change.digest if change else "",
        files=len(change.edits) if change else 0,
        lines=change.lines if change else 0,
        outside_tree=False,
    )
