"""Hold a Terraform plan against what was approved, before the pipeline applies it and after.

1. The approved plan is read from the protected branch. 2. The action is made anew from the plan at hand, so that a
resource list somebody wrote by hand counts for nothing. 3. Its digest has to be the one in the file and in the trailer
of the commit that put it there: a file that was pushed past the gate approves nothing. 4. The state has to be the one
that the plan was made against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.action.infrastructure import APPLY_PLAN, apply_plan
from engine.core.errors import NotPermitted, StalePlan
from engine.core.lifecycle import ProposalState, read_state
from engine.core.record import Entry
from engine.core.terraform.approved_plan import path_of, read_approved, refuse_stale
from engine.core.terraform.plan import Plan
from engine.core.terraform.state import StateMark
from engine.ports import GitRepository, Ports, Transaction
from engine.usecases.settle import store

AGAIN = "Propose this plan with: penstock plan propose"


def check_approved(
    repository: GitRepository, plan: Plan, state: StateMark, *, branch: str, cluster: str, workspace: str
) -> str:
    """The commit that approved this very plan for this very state.

    Raises :class:`NotPermitted` where nobody approved it, and :class:`StalePlan` where state moved on since.
    """
    path = path_of(workspace)
    head = repository.head(branch)
    text = repository.read(head, path)
    if text is None:
        raise NotPermitted("no plan of this workspace was ever approved", where=path, remedy=AGAIN)
    approved = read_approved(text, where=path)
    _same_plan(approved, plan, path)
    _same_state(approved, state, path)
    wanted = apply_plan(plan, state, cluster=cluster, workspace=workspace, findings=_shown(approved)).digest
    last = next(iter(repository.history(head, path, 1)), None)
    if approved["action"] != wanted or last is None or last.trailers.get("Penstock-Action") != wanted:
        raise NotPermitted("the approved plan wasn't put there by the gate for this plan", where=path, remedy=AGAIN)
    return last.id


def _same_plan(approved: dict[str, Any], plan: Plan, path: str) -> None:
    if approved["plan"] != plan.digest:
        message = f"another plan was approved ({approved['plan'][:19]}, this is {plan.digest[:19]})"
        raise NotPermitted(message, where=path, remedy=AGAIN)


def refuse_unshown(repository: GitRepository, found: Sequence[str], *, branch: str, workspace: str) -> None:
    """Hold what scanning the plan finds now against what people were shown of it.

    Whoever proposed the plan said what was found, and could have left something out. Raises :class:`NotPermitted`.
    """
    path = path_of(workspace)
    text = repository.read(repository.head(branch), path)
    shown = _shown(read_approved(text, where=path)) if text is not None else None
    unsaid = sorted(set(found) - set(shown or ()))
    if unsaid:
        message = f"scanning finds what nobody was shown ({unsaid[0]}, {len(unsaid)} altogether)"
        raise NotPermitted(message, where=path, remedy=AGAIN)


def _shown(approved: dict[str, Any]) -> list[str] | None:
    return list(approved.get("findings") or ()) if approved.get("scanned") is True else None


def _same_state(approved: dict[str, Any], state: StateMark, path: str) -> None:
    refuse_stale(approved, state, where=path)
    if StateMark(approved["lineage"], approved["serial"]) != state:
        message = f"the plan was made against state {approved['serial']}, and it is at {state.serial} now"
        raise StalePlan(message, where=path, remedy="Plan again against the current state")


def confirm_applied(ports: Ports, plan: Plan, state: StateMark, *, cluster: str, now: str) -> ProposalState:
    """The proposal of a plan, succeeded, once the state has moved on from the one it was made against.

    Raises :class:`NotPermitted` where no merged proposal has this plan, or where the state didn't move.
    """

    def unit(tx: Transaction) -> ProposalState:
        merged = [read_state(found) for found in tx.select("proposals", status="verifying")]
        found = next((s for s in merged if _is_of(s, plan, cluster)), None)
        if found is None:
            raise NotPermitted("no plan that was merged and waits to be applied is this one", where=plan.digest[:19])
        params = found.claims.action.params
        if params["lineage"] not in ("", state.lineage) or state.serial <= int(str(params["serial"])):
            remedy = "Give the state as it is after the apply"
            raise NotPermitted("the state hasn't moved on, so nothing was applied", where=found.id, remedy=remedy)
        done = found.to("succeeded", note=f"applied; the state is at {state.serial}")
        tx.append(Entry("verification", done.id, {"status": done.status, "serial": state.serial}), at=now)
        return store(tx, done, now)

    return ports.ledger.run(unit)


def _is_of(state: ProposalState, plan: Plan, cluster: str) -> bool:
    action = state.claims.action
    return action.kind == APPLY_PLAN and action.target.cluster == cluster and action.params.get("plan") == plan.digest
