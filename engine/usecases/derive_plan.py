"""Derive what the gate itself finds out about applying a Terraform plan, and build the change that approves it.

A workspace isn't in the cluster: where it runs, whose it is and what is at stake come from policy data, which people
review. The change is one file in Git that names the plan; the pipeline applies no other.
"""

from __future__ import annotations

from typing import Any

from engine.core.action.kind import CheckedAction
from engine.core.change.model import Change, FileEdit
from engine.core.errors import NothingToChange, ScanFailed
from engine.core.input_document import SourceFacts, TargetFacts
from engine.core.proposal import ActionRequest
from engine.core.terraform.approved_plan import path_of, read_approved, refuse_stale, write_approved
from engine.core.terraform.plan import ACTIONS
from engine.core.terraform.state import StateMark
from engine.ports import Ports
from engine.usecases.build_change import BuiltChange
from engine.usecases.derive_facts import Derived
from engine.usecases.derive_one_file import derive_one_file
from engine.usecases.scan_change import findings_of_plan


def derive_plan(ports: Ports, request: ActionRequest) -> Derived:
    """Everything about applying a plan that can be known before the ledger is asked."""
    try:
        findings, unscanned = findings_of_plan(ports, request.params), None
    except ScanFailed as refusal:
        findings, unscanned = (), refusal

    def build(checked: CheckedAction) -> BuiltChange:
        if unscanned is not None:
            raise unscanned
        return _approval(ports, checked)

    return derive_one_file(ports, request, _workspace(ports, request), build, findings)


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
