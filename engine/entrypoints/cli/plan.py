"""``penstock plan``: Terraform plans, decided before they are applied and held against what was approved.

A command of its own beside ``decide``: a plan comes with a state and a workspace and has no proposal file, and the
pipeline that runs it has no cluster to look at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.entrypoints.cli.decide import At, Output, Repo
from engine.entrypoints.cli.output import Form, say, write_decision

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
    from engine.entrypoints.cli.asking import given, read_bytes
    from engine.usecases.propose import dry_run

    text = read_bytes(file)
    with wiring.gate(given(repo=repo), acting=False, needs_cluster=False) as gate:
        proposal = _proposal(gate, (text, str(file)), _mark(state), workspace)
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
    from engine.entrypoints.cli.asking import acting, given, read_bytes
    from engine.usecases.propose import propose as propose_action
    from engine.usecases.resume import advance

    text = read_bytes(file)
    with acting(given(repo=repo), needs_cluster=False) as gate:
        now = wiring.instant(at)
        proposal = _proposal(gate, (text, str(file)), _mark(state), workspace)
        made = advance(gate.ports, propose_action(gate.ports, proposal, authenticated=True, now=now), now=now)
    say(f"{made.id} is {made.status}" + (f", pull request {made.pull_request}" if made.pull_request else ""))
    decision = made.verdict
    assert decision is not None  # noqa: S101 - a proposal without a decision was raised as CouldNotDecide
    return write_decision(decision, output)


@app.command()
def check(file: File, state: State, workspace: Workspace, repo: Repo = None) -> int:
    """Say whether this very plan was approved and its state is still the current one; where scanning is on, it is
    scanned again, and holds to what people were shown.

    For the pipeline, right before it applies. Exit codes: 0 approved, 1 not approved or stale, 2 a file can't be read.
    """
    from contextlib import ExitStack, closing

    from engine import wiring
    from engine.entrypoints.cli.asking import given, read_bytes
    from engine.usecases.approved_plan import check_approved, refuse_unshown

    plan_, mark = _read(file, state)
    settings = given(repo=repo)
    with ExitStack() as held:
        opened = held.enter_context(closing(wiring.repository(settings)))
        scanner = wiring.scanner(settings, held)
        if scanner is not None:
            found = [one.named for one in scanner.scan_plan(read_bytes(file)) if one.is_new]
            refuse_unshown(opened, found, branch=settings.branch, workspace=workspace)
        cluster = wiring.cluster_name(settings)
        commit = check_approved(opened, plan_, mark, branch=settings.branch, cluster=cluster, workspace=workspace)
    typer.echo(f"Approved by {commit[:12]}, and the state is still at {mark.serial}")
    return 0


@app.command()
def applied(file: File, state: State, repo: Repo = None, at: At = None) -> int:
    """Say that a plan was applied. STATE is the state afterwards; its serial has to have moved on."""
    from engine import wiring
    from engine.entrypoints.cli.asking import acting, given
    from engine.usecases.approved_plan import confirm_applied

    plan_, mark = _read(file, state)
    with acting(given(repo=repo), needs_cluster=False) as gate:
        done = confirm_applied(gate.ports, plan_, mark, cluster=gate.ports.cluster.name, now=wiring.instant(at))
    typer.echo(f"{done.id} is {done.status}: {done.note}")
    return 0


def _read(file: Path, state: Path) -> tuple[Plan, StateMark]:
    from engine.core.terraform.plan import read_plan
    from engine.entrypoints.cli.asking import read_bytes

    return read_plan(read_bytes(file), where=str(file)), _mark(state)


def _mark(state: Path) -> StateMark:
    from engine.core.terraform.state import read_state_mark
    from engine.entrypoints.cli.asking import read_bytes

    return read_state_mark(read_bytes(state), where=str(state))


def _proposal(gate: Gate, file: tuple[bytes, str], state: StateMark, workspace: str) -> Proposal:
    from engine.core.action.infrastructure import apply_plan
    from engine.core.proposal import check_proposal
    from engine.core.terraform.approved_plan import path_of
    from engine.core.terraform.plan import read_plan
    from engine.usecases.scan_change import scan_plan

    path_of(workspace)
    plan_, cluster = read_plan(file[0], where=file[1]), gate.ports.cluster.name
    found = scan_plan(gate.ports.scanner, file[0])
    action = apply_plan(plan_, state, cluster=cluster, workspace=workspace, findings=found)
    claims = {"proposer": {"id": PIPELINE, "kind": "pipeline"}, "action": action.model_dump(mode="json")}
    return check_proposal(claims, where="the plan")
