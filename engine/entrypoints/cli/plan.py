"""``penstock plan``: Terraform plans, decided before they are applied and held against what was approved.

A command of its own beside ``decide``: a plan comes with a state and a workspace and has no proposal file, and the
pipeline that runs it has no cluster to look at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from engine.entrypoints.cli.decide import At, Output, Repo
from engine.entrypoints.cli.output import Form, write_decision, write_proposed

if TYPE_CHECKING:
    from engine.core.proposal import Proposal
    from engine.core.terraform.plan import Plan
    from engine.core.terraform.state import StateMark
    from engine.wiring import Gate

PIPELINE = "pipeline:terraform"

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="What terraform show -json PLANFILE wrote.")]
State = Annotated[Path, typer.Option(help="What terraform state pull wrote; empty before the first apply.")]
Workspace = Annotated[str, typer.Option(help="The workspace, as policy data names it.")]


@app.callback()
def plan() -> None:
    """Decide Terraform plans, open what needs approval, and hold what is applied against what was approved."""


@app.command()
def decide(
    file: File,
    state: State,
    workspace: Workspace,
    repo: Repo = None,
    at: At = None,
    output: Output = Form.table,
) -> int:
    """Ask for a decision on a plan. Opens nothing. Exit codes as for `penstock decide`."""
    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.usecases.propose import dry_run

    read = _read(file, state)
    with wiring.gate(given(repo=repo), acting=False, needs_cluster=False) as gate:
        proposal = _proposal(gate, read, workspace)
        asked = dry_run(gate.ports, proposal, authenticated=True, now=wiring.instant(at))
    return write_decision(asked.decision, output)


@app.command()
def propose(
    file: File,
    state: State,
    workspace: Workspace,
    repo: Repo = None,
    at: At = None,
    output: Output = Form.table,
) -> int:
    """Propose a plan: decided, recorded, and opened as a pull request that approves it.

    Nothing is applied. After the merge, `penstock plan check` lets the pipeline apply this very plan and no other.
    """
    from engine import wiring
    from engine.entrypoints.cli.asking import acting, given
    from engine.usecases.propose import propose as propose_action
    from engine.usecases.resume import advance

    read = _read(file, state)
    with acting(given(repo=repo), needs_cluster=False) as gate:
        now = wiring.instant(at)
        proposal = _proposal(gate, read, workspace)
        made = advance(gate.ports, propose_action(gate.ports, proposal, authenticated=True, now=now), now=now)
    return write_proposed(made, output)


@app.command()
def check(file: File, state: State, workspace: Workspace, repo: Repo = None) -> int:
    """Say whether this very plan was approved and its state is still the current one; where scanning is on, it is
    scanned again, and holds to what people were shown.

    For the pipeline, right before it applies. Exit codes: 0 approved, 1 not approved or stale, 2 a file can't be read.
    """
    from contextlib import ExitStack, closing

    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.usecases.approved_plan import check_approved, refuse_unshown

    read = _read(file, state)
    settings = given(repo=repo)
    with ExitStack() as held:
        opened = held.enter_context(closing(wiring.repository(settings)))
        scanner = wiring.scanner(settings, held)
        if scanner is not None:
            found = [one.named for one in scanner.scan_plan(read.text) if one.is_new]
            refuse_unshown(opened, found, branch=settings.branch, workspace=workspace)
        cluster = wiring.cluster_name(settings)
        where = {"branch": settings.branch, "cluster": cluster, "workspace": workspace}
        commit = check_approved(opened, read.plan, read.state, **where)
    typer.echo(f"Approved by {commit[:12]}, and the state is still at {read.state.serial}")
    return 0


@app.command()
def applied(file: File, state: State, repo: Repo = None, at: At = None) -> int:
    """Say that a plan was applied. STATE is the state afterwards; its serial has to have moved on."""
    from engine import wiring
    from engine.entrypoints.cli.asking import acting, given
    from engine.usecases.approved_plan import confirm_applied

    read = _read(file, state)
    with acting(given(repo=repo), needs_cluster=False) as gate:
        done = confirm_applied(
            gate.ports, read.plan, read.state, cluster=gate.ports.cluster.name, now=wiring.instant(at)
        )
    typer.echo(f"{done.id} is {done.status}: {done.note}")
    return 0


class _Read(NamedTuple):
    text: bytes
    plan: Plan
    state: StateMark


def _read(file: Path, state: Path) -> _Read:
    from engine.core.terraform import plan as planned
    from engine.core.terraform import state as kept
    from engine.entrypoints.cli.asking import read_bytes

    text, mark = read_bytes(file, limit=planned.LIMIT), read_bytes(state, limit=kept.LIMIT)
    return _Read(text, planned.read_plan(text, where=str(file)), kept.read_state_mark(mark, where=str(state)))


def _proposal(gate: Gate, read: _Read, workspace: str) -> Proposal:
    from engine.core.action.infrastructure import apply_plan
    from engine.core.proposal import check_proposal
    from engine.core.terraform.approved_plan import path_of
    from engine.usecases.scan_change import scan_plan

    path_of(workspace)
    cluster, found = gate.ports.cluster.name, scan_plan(gate.ports.scanner, read.text)
    action = apply_plan(read.plan, read.state, cluster=cluster, workspace=workspace, findings=found)
    claims = {"proposer": {"id": PIPELINE, "kind": "pipeline"}, "action": action.model_dump(mode="json")}
    return check_proposal(claims, where="the plan")
