"""``penstock demo``: a recorded night at the payments team, played through the real gate.

Nothing is staged but the clock: policy, Git, ledger and record are the ones that run in earnest, and the cluster is
a recording of a real Kubernetes API.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where repository, ledger and record are made anew.")] = Path(
        ".demo"
    ),
    step: Annotated[bool, typer.Option("--step", help="Wait for Enter between the steps.")] = False,
) -> int:
    """Play a recorded incident through the whole gate, with no cluster, account or key.

    At 03:12 the payments API crash-loops after an image change. Watch signals become an incident, a restart merge
    alone, a rollback wait for two people, and everything that shouldn't happen be refused with its reason. Exits 1
    when anything turned out otherwise than promised.
    """
    from engine.entrypoints.cli.story import play

    return play(folder.absolute(), step=step)
