"""``penstock admission``: what makes the API server ask the gate, and certificates for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.entrypoints.cli.decide import Data
from engine.entrypoints.cli.output import say

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

SERVICE = "penstock-admission.penstock.svc"


@app.callback()
def admission() -> None:
    """Make the API server ask the gate before it writes."""


@app.command()
def manifests(
    data: Data = None,
    url: Annotated[str, typer.Option(help="Address of a gate outside the cluster, https://…")] = "",
    authority: Annotated[Path | None, typer.Option(help="Bundle that the API server is to trust, in PEM.")] = None,
) -> None:
    """Print the webhook configurations and the backstop, made of policy data.

    Without a bundle, cert-manager is asked to put its own one in.
    """
    from base64 import b64encode

    import yaml

    from engine import wiring
    from engine.core.admission.manifests import Door
    from engine.core.admission.manifests import manifests as made
    from engine.core.admission.writer import read_roster
    from engine.core.errors import BadInput
    from engine.entrypoints.cli.asking import given

    try:
        bundle = b64encode(authority.read_bytes()).decode() if authority else ""
    except OSError as error:
        reason = error.strerror or "can't be read"
        raise BadInput(reason, where=str(authority), remedy="Make it: penstock admission certificates") from None
    if url and not url.startswith("https://"):
        raise BadInput("isn't https", where="--url", remedy="The API server asks by TLS alone")
    settings = given(snapshot=None, repo=None, data=data)
    with wiring.policy_engine(settings, say=say) as policy:
        roster = read_roster(policy.data("admission"))
    typer.echo("# Generated from policy data by: penstock admission manifests", nl=True)
    typer.echo(yaml.safe_dump_all(made(roster, Door(url.rstrip("/"), bundle)), sort_keys=False, width=1000), nl=False)


@app.command()
def certificates(
    folder: Annotated[Path, typer.Argument(help="Where certificates and authorities are kept; theirs alone.")],
    name: Annotated[list[str] | None, typer.Option(help="A DNS name or address of the gate.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Do nothing before the certificate is near its end.")] = False,
) -> None:
    """Make certificates for admission, or rotate them: tls.crt and tls.key to serve, ca.crt to trust.

    The bundle always holds the authority of the next rotation too; give it to the API server before rotating again.
    """
    from datetime import UTC, datetime

    from engine import wiring

    made = wiring.certificates(folder, name or [SERVICE, f"{SERVICE}.cluster.local"], now=datetime.now(UTC), due=due)
    say(f"made {folder}/tls.crt; give the API server {folder}/ca.crt" if made else f"{folder}/tls.crt isn't due yet")
