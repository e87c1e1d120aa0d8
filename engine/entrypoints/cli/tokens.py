"""``penstock tokens``: the identities that may speak to ``penstock serve``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.entrypoints.cli.output import Form, say, write_json, write_rows

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Make, list and disable identities' bearer tokens.",
)

Id = Annotated[str, typer.Argument(help="The identity, such as agent:triage or alice.")]


@app.command()
def add(
    identity: Id,
    kind: Annotated[str, typer.Option(help="person, agent, analyst, drift or pipeline.")],
    role: Annotated[list[str], typer.Option(help="reader, proposer, signaller or operator; may be repeated.")],
    expires_in_days: Annotated[int, typer.Option(help="Days until the token ends; 0 for never.", min=0)] = 90,
) -> None:
    """Make an identity and print its token, once. A token can't be shown again, only replaced."""
    import secrets

    from engine.adapters.identity.token_file import read_identities, write_identities
    from engine.core.errors import BadInput
    from engine.core.identity import token_digest
    from engine.core.moment import format_instant, shift

    known, now = read_identities(_file()), format_instant(datetime.now(UTC))
    token = f"penstock_{secrets.token_urlsafe(32)}"
    if any(one.id == identity for one in known):
        raise BadInput("there is such an identity", where=identity, remedy=f"penstock tokens disable {identity} first")
    fields = {
        "id": identity,
        "kind": kind,
        "roles": role,
        "token_digest": token_digest(token),
        "created_at": now,
        "expires_at": shift(now, 86_400 * expires_in_days) if expires_in_days else "",
    }
    write_identities(_file(), [*known, _checked(fields)])
    say(f"{identity} is a {kind} with {', '.join(role)}; keep the token, it is not shown again")
    typer.echo(token)


@app.command("list")
def list_tokens(output: Annotated[Form, typer.Option("--output", "-o", help="How to write it.")] = Form.table) -> None:
    """List identities, never tokens."""
    from engine.adapters.identity.token_file import read_identities

    known = read_identities(_file())
    if output is Form.json:
        write_json([one.model_dump(mode="json", exclude={"token_digest"}) for one in known])
        return
    rows = [[i.id, i.kind, ", ".join(i.roles), i.expires_at or "never"] for i in known]
    write_rows(["identity", "kind", "roles", "until"], rows)


@app.command()
def disable(identity: Id) -> None:
    """End an identity at once. Its name can be given again."""
    from engine.adapters.identity.token_file import read_identities, write_identities
    from engine.core.errors import NotFound

    known = read_identities(_file())
    if not any(one.id == identity for one in known):
        raise NotFound("no such identity", where=identity, remedy="penstock tokens list shows them")
    write_identities(_file(), [one for one in known if one.id != identity])
    say(f"{identity} is disabled")


def _checked(fields: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    from engine.core.errors import BadInput
    from engine.core.identity import Identity

    try:
        return Identity.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadInput(first["msg"], where=str(first["loc"][0]), remedy="See penstock tokens add --help") from None


def _file() -> Path:
    from engine.settings import read_settings

    return read_settings().tokens_file
