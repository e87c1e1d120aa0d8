"""``penstock identities``: who may speak to ``penstock serve`` and ``penstock mcp``, as what, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.entrypoints.cli.output import Form, say, write_json, write_rows

if TYPE_CHECKING:
    from engine.core.identity import Identity
    from engine.usecases.keep_identities import Step

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Make, list, renew, disable and enable identities.",
)

Id = Annotated[str, typer.Argument(help="The identity, such as agent:triage or alice.")]
Days = Annotated[int, typer.Option("--expires-in-days", help="Days until it ends; 0 for never, or as before.", min=0)]


@app.command()
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
    identity: Id,
    kind: Annotated[str, typer.Option(help="person, agent, analyst, drift or pipeline.")],
    role: Annotated[list[str], typer.Option(help="reader, proposer, signaller or operator; may be repeated.")],
    owner: Annotated[str, typer.Option(help="Who answers for it; an agent needs one.")] = "",
    purpose: Annotated[str, typer.Option(help="What it is there for, in a sentence; an agent needs one.")] = "",
    namespace: Annotated[list[str] | None, typer.Option(help="A namespace it may see and propose in; all.")] = None,
    action: Annotated[list[str] | None, typer.Option(help="A kind of action it may propose; all.")] = None,
    proposals_an_hour: Annotated[int, typer.Option(help="How often it may propose.", min=0, max=1000)] = 60,
    service_account: Annotated[str, typer.Option(help="NAMESPACE/NAME that proves it, instead of a token.")] = "",
    expires_in_days: Days = 90,
) -> None:
    """Make an identity and print its token, once. A token can't be shown again, only renewed."""
    from engine.core.identity import ANY
    from engine.core.identity_steps import made

    token, digest = ("", "") if service_account else _fresh()
    fields = {
        "id": identity, "kind": kind, "roles": role, "owner": owner, "purpose": purpose, "token_digest": digest,
        "namespaces": namespace or [ANY], "kinds": action or [ANY], "proposals_an_hour": proposals_an_hour,
        "service_account": service_account,
    }  # fmt: skip
    _keep(made(_known(), fields, days=expires_in_days, now=_now()), identity, "made")
    say(f"{identity}: {kind}, {', '.join(role)}")
    _show(token)


@app.command("list")
def list_identities(
    output: Annotated[Form, typer.Option("--output", "-o", help="How to write it.")] = Form.table,
) -> None:
    """List identities, never tokens."""
    from engine.usecases.keep_identities import told

    known = _known()
    if output is Form.json:
        write_json([told(one) for one in known])
        return
    heads = ["identity", "kind", "roles", "owner", "namespaces", "kinds", "until"]
    write_rows(
        heads, [[one.id, one.kind, ", ".join(one.roles), one.owner, *_bounds(one), _until(one)] for one in known]
    )


@app.command()
def rotate(
    identity: Id,
    expires_in_days: Days = 0,
    keep_hours: Annotated[int, typer.Option(help="Hours that the token before is still taken.", min=0, max=72)] = 0,
) -> None:
    """Give an identity another token and print it, once. The one before ends at once, unless it is kept for a while."""
    from engine.core.identity_steps import rotated

    token, digest = _fresh()
    all_ = rotated(_known(), identity, digest, days=expires_in_days, keep_hours=keep_hours, now=_now())
    _keep(all_, identity, "rotated")
    _show(token)


@app.command()
def disable(identity: Id) -> None:
    """Stop an identity at once, and no other."""
    from engine.core.identity_steps import disabled

    _keep(disabled(_known(), identity, now=_now()), identity, "disabled")
    say(f"{identity} is disabled")


@app.command()
def enable(identity: Id) -> None:
    """Let a disabled identity speak again, until it expires."""
    from engine.core.identity_steps import enabled

    _keep(enabled(_known(), identity), identity, "enabled")
    say(f"{identity} is enabled")


def _bounds(one: Identity) -> tuple[str, str]:
    return ", ".join(one.namespaces), ", ".join(one.kinds)


def _until(one: Identity) -> str:
    if one.disabled_at:
        return f"disabled {one.disabled_at}"
    return ("expired " if one.expires_at and one.expires_at <= _now() else "") + (one.expires_at or "never")


def _fresh() -> tuple[str, str]:
    from engine.adapters.identity.token_file import fresh_token

    return fresh_token()


def _show(token: str) -> None:
    if token:
        say("keep the token, it is not shown again")
        typer.echo(token)


def _known() -> list[Identity]:
    from engine.adapters.identity.token_file import read_identities
    from engine.settings import read_settings

    return read_identities(read_settings().tokens_file)


def _keep(identities: list[Identity], name: str, step: Step) -> None:
    from functools import partial

    from engine import wiring
    from engine.adapters.identity.token_file import write_identities
    from engine.entrypoints.cli.asking import who
    from engine.settings import read_settings
    from engine.usecases.keep_identities import Stepped, keep_identities

    settings = read_settings()
    keep = partial(write_identities, settings.tokens_file)
    with wiring.ledger(settings) as ledger:
        keep_identities(ledger, identities, keep, Stepped(name, step, who(settings), _now()))


def _now() -> str:
    from engine import wiring

    return wiring.instant(None)
