"""``penstock kpis``: how well the gate serves people, over some days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.entrypoints.cli.decide import At, Repo, Snapshot
from engine.entrypoints.cli.output import Form, write_json, write_rows

if TYPE_CHECKING:
    from engine.core.kpis import Share, Times

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def kpis(
    days: Annotated[int, typer.Option(help="How many days back, 1 to 400.")] = 30,
    snapshot: Snapshot = None,
    repo: Repo = None,
    at: At = None,
    output: Annotated[Form, typer.Option("--output", "-o", help="How to write it.")] = Form.table,
) -> None:
    """Show time to first useful action, approvals, wrong fixes, escalations, rollbacks and what responders said.

    How long policy takes to answer is measured where it answers: /metrics of penstock serve, and its console.
    """
    from dataclasses import asdict

    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.usecases.measure import measure

    with wiring.gate(given(snapshot=snapshot, repo=repo), acting=False, needs_cluster=False) as gate:
        found = measure(gate.ports, days=days, now=gate.instant(at))
    if output is Form.json:
        write_json(asdict(found))
        return
    k = found.kpis
    write_rows(
        ["figure", "value", "of"],
        [
            ["first useful action", *_times(k.first_useful_action)],
            ["approval", *_times(k.approval_latency)],
            ["triaged alone", *_share(k.triaged_alone)],
            ["fixes that were wrong", *_share(k.wrong_fixes)],
            ["escalations that were needed", *_share(k.escalations_needed)],
            ["rollbacks that helped", *_share(k.rollbacks_that_helped)],
            ["agreement with people", *_share(found.agreement)],
            *([f"{about.replace('_', '-')} found useful", *_share(said)] for about, said in k.useful.items()),
        ],
    )


def _times(found: Times) -> list[str]:
    if found.median is None:
        return ["nothing is known", "0"]
    return [f"median {found.median} s, nine of ten within {found.slowest_tenth} s", str(found.count)]


def _share(found: Share) -> list[str]:
    low, high = found.interval
    value = f"{found.percent} % (95 %: {low} to {high} %)" if found.whole else "nothing is known"
    return [value, f"{found.part} of {found.whole}"]
