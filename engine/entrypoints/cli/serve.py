"""``penstock serve``: the HTTP surface, on loopback unless told otherwise."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from engine.entrypoints.cli.decide import Data, Repo, Snapshot
from engine.entrypoints.cli.output import say

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def serve(
    snapshot: Snapshot = None,
    repo: Repo = None,
    data: Data = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = -1,
) -> None:
    """Serve the HTTP API.

    Whoever calls needs the token of a named identity: penstock tokens add. An address that others can reach is
    refused while there are none. Routes are described at /v1/openapi.json.
    """
    import uvicorn

    from engine import wiring
    from engine.adapters.identity.token_file import read_identities
    from engine.entrypoints.cli.asking import given
    from engine.entrypoints.web.app import create_app
    from engine.usecases.resume import resume

    settings = given(snapshot=snapshot, repo=repo, data=data)
    address, number = host or settings.host, settings.port if port < 0 else port
    identities = partial(read_identities, settings.tokens_file)
    _refuse_open_doors(address, bool(identities()))
    with wiring.gate(settings, acting=True, say=say) as gate:
        resume(gate.ports, now=gate.instant(None))
        say(f"listening on http://{address}:{number}, state in {settings.state}")
        uvicorn.run(create_app(gate, identities), host=address, port=number, log_level="warning", server_header=False)


def _refuse_open_doors(address: str, known: bool) -> None:
    from engine.core.errors import BadInput

    if address not in ("127.0.0.1", "::1", "localhost") and not known:
        raise BadInput(
            "others could reach it, and no identity is set up", where=address, remedy="Make one: penstock tokens add"
        )
