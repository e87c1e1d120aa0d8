"""``penstock policy exceptions``: what is set aside for a while, by whom, until when, and how often it was used."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from engine.entrypoints.cli.decide import At
from engine.entrypoints.cli.output import Form, write_json, write_rows

Output = Annotated[Form, typer.Option("-o", "--output", help="table or json.")]


def exceptions(at: At = None, output: Output = Form.table) -> None:
    """List the exceptions of the policy in force and those that were used; exits 1 where one has ended."""
    from engine import wiring
    from engine.settings import read_settings
    from engine.usecases.exceptions import counted

    settings = read_settings()
    with wiring.policy_engine(settings) as policy, wiring.asking_ledger(settings) as ledger:
        found = counted(policy, ledger, now=wiring.instant(at))
    if output is Form.json:
        write_json([asdict(one) for one in found])
    else:
        heads = ["exception", "state", "owner", "ticket", "rules", "expires", "used", "last used"]
        rows = [[one.id, one.state, *_told(one.entry), str(one.used), one.last_used] for one in found]
        write_rows(heads, rows)
    if any(one.state == "ended" and one.entry for one in found):
        raise typer.Exit(1)


def _told(entry: object) -> list[str]:
    told = entry if isinstance(entry, dict) else {}
    rules = ", ".join(str(rule) for rule in told.get("rules") or ())
    return [str(told.get("owner", "")), str(told.get("ticket", "")), rules, str(told.get("expires", ""))]
