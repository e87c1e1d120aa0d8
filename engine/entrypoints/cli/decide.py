"""``penstock decide``: what would the gate say. It reserves nothing and opens nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.entrypoints.cli.output import Form, write_decision

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Snapshot = Annotated[Path | None, typer.Option(help="Folder of kubectl get … -o json dumps instead of a cluster.")]
Repo = Annotated[Path | None, typer.Option(help="The GitOps repository.")]
At = Annotated[str | None, typer.Option(help="Decide as of this RFC 3339 time.")]
Data = Annotated[Path | None, typer.Option(help="Policy data laid over the shipped data.")]
Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]


@app.command()
def decide(
    file: Annotated[Path, typer.Argument(help="A proposal as JSON; - reads standard input.")],
    snapshot: Snapshot = None,
    repo: Repo = None,
    at: At = None,
    data: Data = None,
    output: Output = Form.table,
) -> int:
    """Ask for a decision on a proposal file.

    The gate derives the facts itself, compiles the input document and asks policy. Exit codes: 0 allowed, 1 denied,
    2 the file can't be read, 3 needs approval, 4 could not decide.

    Example: penstock decide proposal.json --snapshot dumps/ --repo gitops.git --at 2026-11-14T03:20:00Z
    """
    from engine import wiring
    from engine.entrypoints.cli.asking import given, read_file, refusal_kept
    from engine.usecases.propose import dry_run

    proposal, settings = read_file(file), given(snapshot=snapshot, repo=repo, data=data)
    with refusal_kept(settings, proposal, at), wiring.gate(settings, acting=False) as gate:
        now = gate.instant(at)
        asked = dry_run(gate.ports, proposal, authenticated=True, now=now, signals=gate.signals(now))
    return write_decision(asked.decision, output)
