"""``penstock mcp``: the gate as tools for an agent, over standard input and output or over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from engine.entrypoints.cli.decide import Data, Repo, Snapshot
from engine.entrypoints.cli.output import say

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def mcp(
    snapshot: Snapshot = None,
    repo: Repo = None,
    data: Data = None,
    http: Annotated[bool, typer.Option("--http", help="Serve streamable HTTP at /mcp instead.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on, with --http.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on, with --http.")] = -1,
) -> None:
    """Serve the gate's tools over the Model Context Protocol.

    An agent can propose, ask and look up; no tool approves or merges. Over standard input and output its token is in
    PENSTOCK_TOKEN; over HTTP every request carries one: penstock identities add.
    """
    from engine import wiring
    from engine.adapters.identity.token_file import read_identities
    from engine.entrypoints.cli.asking import acting, given
    from engine.entrypoints.cli.serve import refuse_open_doors
    from engine.entrypoints.web.desk import Desk

    settings = given(snapshot=snapshot, repo=repo, data=data)
    identities = partial(read_identities, settings.tokens_file)
    address, number = host or settings.host, settings.port if port < 0 else port
    if http:
        refuse_open_doors(address, bool(identities()))
    with acting(settings) as gate:
        desk = Desk(gate, identities, review=wiring.token_review(settings))
        if http:
            _serve(desk, address, number)
        else:
            _speak(desk, settings.token)


def _speak(desk: object, token: str) -> None:
    from engine.entrypoints.mcp.callers import OneCaller, known
    from engine.entrypoints.mcp.server import create_server
    from engine.entrypoints.web.desk import Desk

    assert isinstance(desk, Desk)  # noqa: S101 - typed without importing the web framework for --help
    known(desk, token)
    create_server(desk, OneCaller(desk, token)).run("stdio")


def _serve(desk: object, address: str, port: int) -> None:
    import uvicorn

    from engine.entrypoints.mcp.http import create_mcp_app
    from engine.entrypoints.web.desk import Desk

    assert isinstance(desk, Desk)  # noqa: S101 - typed without importing the web framework for --help
    say(f"listening on http://{address}:{port}/mcp")
    uvicorn.run(create_mcp_app(desk, address), host=address, port=port, log_level="warning", server_header=False)
