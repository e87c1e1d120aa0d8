"""``penstock watch``: follow the live cluster, and write each incident as it begins or changes."""

from __future__ import annotations

import signal
from typing import Annotated, Any

import typer

from engine.entrypoints.cli.output import Form, say

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def watch(
    output: Annotated[Form, typer.Option("--output", "-o", help="table, or json: one document a line.")] = Form.table,
) -> None:
    """Follow the live cluster and observe what goes wrong in it, until it is ended. Proposes nothing.

    Needs PENSTOCK_KUBECONFIG. Everything is looked at once a minute besides.
    """
    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.entrypoints.watcher import Watcher

    settings = given()
    with wiring.following(settings) as cluster, wiring.gate(settings, acting=True, say=say, looking_at=cluster) as gate:
        watcher = Watcher(gate.ports, cluster, say, lambda incident: _write(incident, output))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: watcher.leaving.set())
        say(f"watching {cluster.name}")
        watcher.run()


def _write(incident: Any, output: Form) -> None:
    from engine.core import canonical
    from engine.core.untrusted import one_line

    if output is Form.json:
        line = canonical.encode(incident.as_document()).decode()
    else:
        name = incident.incident_class or "novel"
        line = (
            f"{incident.last_seen}  {incident.status}  {incident.severity}  {name}  {one_line(incident.key, limit=300)}"
        )
    typer.echo(line)
