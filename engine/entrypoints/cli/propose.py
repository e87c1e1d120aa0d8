"""``penstock propose``: decide, record and, where policy allows it, open a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.entrypoints.cli.decide import At, Data, Output, Repo, Snapshot
from engine.entrypoints.cli.output import Form, write_proposed

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def propose(
    file: Annotated[Path, typer.Argument(help="A proposal as JSON; - reads standard input.")],
    snapshot: Snapshot = None,
    repo: Repo = None,
    at: At = None,
    data: Data = None,
    output: Output = Form.table,
) -> int:
    """Propose an action.

    The decision is durable before anything is opened. What needs approval waits as a pull request; see it with
    `penstock proposals`. Who runs this command vouches for the proposer in the file, and the record says who that
    was. Exit codes as for `penstock decide`.
    """
    from engine.entrypoints.cli.asking import acting, given, read_file, refusal_kept, who
    from engine.usecases.observe import observe
    from engine.usecases.propose import propose as propose_action
    from engine.usecases.resume import advance, resume
    from engine.usecases.vouch import vouch

    proposal, settings = read_file(file), given(snapshot=snapshot, repo=repo, data=data)
    with refusal_kept(settings, proposal, at), acting(settings) as gate:
        now = gate.instant(at)
        vouch(gate.ports.ledger, proposal.action.digest, by=who(settings), speaks_for=proposal.proposer.id, now=now)
        resume(gate.ports, now=now)
        observe(gate.ports, gate.signals(now), now=now)
        state = advance(gate.ports, propose_action(gate.ports, proposal, authenticated=True, now=now), now=now)
    return write_proposed(state, output)
