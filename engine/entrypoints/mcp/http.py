"""The tools over streamable HTTP: no sessions, one token a request, and the same limit on bodies as everywhere."""

from __future__ import annotations

from starlette.applications import Starlette

from engine.entrypoints.mcp.callers import BearerCaller, Doorkeeper
from engine.entrypoints.mcp.server import create_server
from engine.entrypoints.web.desk import Desk
from engine.entrypoints.web.limits import BODY


def create_mcp_app(desk: Desk, host: str) -> Starlette:
    """The app at ``/mcp``. ``host`` is what it listens on; another name in a request's Host is refused on loopback."""
    server = create_server(desk, BearerCaller(desk))
    app = server.streamable_http_app(stateless_http=True, json_response=True, max_request_body_size=BODY, host=host)
    app.add_middleware(Doorkeeper, desk=desk)
    return app
