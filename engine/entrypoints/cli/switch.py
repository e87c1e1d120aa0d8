"""``penstock switch``: stop the gate at once, or let it go on, with a name and a reason on record."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime
from typing import Annotated

import typer

from engine.entrypoints.cli.output import Form, say, write_json

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Read or move the kill switch."
)

Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence; it is recorded with your name.")]

_MEANING = {
    "normal": "policy decides",
    "advisory": "the gate advises and opens nothing that changes anything",
    "frozen": "everything is refused",
}


@app.command()
def status(output: Output = Form.table) -> None:
    """Say where the switch stands, who moved it there and why."""
    from engine import wiring
    from engine.core.untrusted import one_line
    from engine.settings import read_settings
    from engine.usecases.move_switch import read_switch

    with wiring.ledger(read_settings()) as ledger:
        position = read_switch(ledger)
    if output is Form.json:
        write_json({"mode": position.mode, "by": position.by, "reason": position.reason, "at": position.at})
        return
    typer.echo(f"{position.mode}: {_MEANING[position.mode]}")
    if position.by:
        typer.echo(one_line(f"by {position.by} at {position.at}: {position.reason}", limit=600))


@app.command()
def advisory(reason: Reason) -> None:
    """Let the gate advise only: it decides and records, and opens nothing that changes anything."""
    _move("advisory", reason)


@app.command()
def freeze(reason: Reason) -> None:
    """Refuse everything from now on, on every path."""
    _move("frozen", reason)


@app.command()
def resume(reason: Reason) -> None:
    """Let policy decide again."""
    _move("normal", reason)


def _move(mode: str, reason: str) -> None:
    from engine import wiring
    from engine.core.moment import format_instant
    from engine.settings import read_settings
    from engine.usecases.move_switch import move_switch

    settings = read_settings()
    by, at = settings.identity or _user(), format_instant(datetime.now(UTC))
    with wiring.ledger(settings) as ledger:
        record = move_switch(ledger, mode, by=by, reason=reason, at=at)
    say(f"{mode}: {_MEANING[mode]}. Record {record.sequence}, by {by}")


def _user() -> str:
    """The name the operating system has for this user; never what a variable claims."""
    from engine.core.errors import BadInput

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        raise BadInput("this user has no name", where="identity", remedy="Set PENSTOCK_IDENTITY to yours") from None
