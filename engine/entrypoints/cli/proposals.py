"""``penstock proposals``: what was proposed, and a person's word on it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.core.pull_request import ReviewState
from engine.core.untrusted import one_line
from engine.entrypoints.cli.decide import At, Repo, Snapshot
from engine.entrypoints.cli.output import Form, say, write_decision, write_json, write_rows

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="Show, approve, reject and merge what was proposed."
)

Id = Annotated[str, typer.Argument(help="A proposal's id.")]
As = Annotated[
    str, typer.Option("--as", help="Who reviews; your user name unless given. The record calls it declared.")
]
Note = Annotated[str, typer.Option(help="Why, for the record.")]
Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]


@app.command("list")
def list_proposals(status: Annotated[str, typer.Option(help="Only these.")] = "", output: Output = Form.table) -> None:
    """List proposals, oldest first."""
    documents = _ledger(lambda tx: list(tx.select("proposals", status=status)))
    if output is Form.json:
        write_json(documents)
        return
    rows = [
        [
            d["id"],
            d["status"],
            d["proposal"]["action"]["kind"],
            _target(d),
            str(d["pull_request"] or ""),
            d["created_at"],
        ]
        for d in documents
    ]
    write_rows(["proposal", "status", "action", "target", "pr", "proposed"], rows)


@app.command()
def show(proposal: Id, output: Output = Form.table) -> None:
    """Show one proposal with its last decision."""
    from engine.core.lifecycle import read_state
    from engine.usecases.settle import load_in

    state = _ledger(lambda tx: load_in(tx, proposal))
    if output is Form.json:
        write_json(state.as_document())
        return
    decision = read_state(state.as_document()).verdict
    typer.echo(f"{state.id} is {state.status}. {one_line(state.note, limit=600)}".strip())
    if decision is not None:
        write_decision(decision, output)


@app.command()
def approve(
    proposal: Id, as_: As = "", note: Note = "", snapshot: Snapshot = None, repo: Repo = None, at: At = None
) -> int:
    """Approve a proposal's pull request at its present head, and merge it if that was what was missing."""
    return _review(proposal, "approved", (as_, note), (snapshot, repo, at))


@app.command()
def reject(
    proposal: Id, as_: As = "", note: Note = "", snapshot: Snapshot = None, repo: Repo = None, at: At = None
) -> int:
    """Say no; where policy counts your word, the pull request is closed and not made again for a while."""
    return _review(proposal, "rejected", (as_, note), (snapshot, repo, at))


@app.command()
def settle(proposal: Id, snapshot: Snapshot = None, repo: Repo = None, at: At = None) -> int:
    """Ask policy again with what is known now, and merge if it allows."""
    from engine.usecases.settle import settle as settle_proposal

    return _step(lambda ports, now: settle_proposal(ports, proposal, now=now), (snapshot, repo, at))


@app.command()
def verify(proposal: Id, snapshot: Snapshot = None, repo: Repo = None, at: At = None) -> int:
    """Look once whether a merged action helped."""
    from engine.usecases.verify import verify as verify_proposal

    def step(ports: Any, now: str) -> Any:
        state, results = verify_proposal(ports, proposal, now=now)
        write_rows(["check", "holds", "seen"], [[r.id, "yes" if r.holds else "no", r.sentence] for r in results])
        return state

    return _step(step, (snapshot, repo, at))


@app.command()
def reconcile(
    number: Annotated[int, typer.Argument(help="A pull request's number; all that are open without it.")] = 0,
    snapshot: Snapshot = None,
    repo: Repo = None,
    at: At = None,
) -> int:
    """Bring pull requests and proposals into line with each other: follow, decide again, show check and comment."""
    from engine.entrypoints.cli.asking import acting, given
    from engine.usecases.reconcile_open import reconcile_open

    with acting(given(snapshot=snapshot, repo=repo)) as gate:
        looked = reconcile_open(gate.ports, number, now=gate.instant(at))
    write_rows(["pr", "proposal", "status", "note"], [[str(one.number), *one.said] for one in looked])
    return int(any(one.failed for one in looked))


@app.command("gate-branch")
def gate_branch(
    branch: Annotated[str, typer.Argument(help="A branch that was pushed to the GitOps repository.")],
    as_: As = "",
    title: Annotated[str, typer.Option(help="What it does, in a line.")] = "",
    repo: Repo = None,
    at: At = None,
) -> int:
    """Make a pull request of your own branch on the local forge; the gate decides it where it gates all of them."""
    from engine import wiring
    from engine.entrypoints.cli.asking import given, who

    settings = given(repo=repo)
    made = wiring.offer(settings, branch, author=as_ or who(settings), title=title or branch, at=at)
    say(f"pull request {made.number} of {branch} at {made.head}")
    return 0


def _review(proposal: str, verdict: ReviewState, said: tuple[str, str], where: tuple[Any, Any, Any]) -> int:
    from engine.entrypoints.cli.asking import who
    from engine.settings import read_settings
    from engine.usecases.review import review
    from engine.usecases.vouch import vouch

    by = who(read_settings())

    def step(ports: Any, now: str) -> Any:
        vouch(ports.ledger, proposal, by=by, speaks_for=said[0] or by, now=now)
        return review(ports, proposal, reviewer=said[0] or by, verdict=verdict, note=said[1], now=now)

    return _step(step, where)


def _step(step: Any, where: tuple[Any, Any, Any]) -> int:
    """Run one step with the gate acting, and write the decision that it led to."""
    from engine.entrypoints.cli.asking import acting, given

    snapshot, repo, at = where
    with acting(given(snapshot=snapshot, repo=repo)) as gate:
        state = step(gate.ports, gate.instant(at))
    say(f"{state.id} is {state.status}. {one_line(state.note, limit=600)}".strip())
    decision = state.verdict
    return 0 if decision is None else write_decision(decision, Form.table)


def _ledger(unit: Any) -> Any:
    from engine import wiring
    from engine.settings import read_settings

    with wiring.ledger(read_settings()) as ledger:
        return ledger.run(unit)


def _target(document: dict[str, Any]) -> str:
    target = document["proposal"]["action"]["target"]
    return f"{target['kind']} {target['namespace']}/{target['name']}"
