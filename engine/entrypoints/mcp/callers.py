"""Who calls a tool: what a token says at this very call, never what an argument says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver import Context
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.core.errors import Unauthenticated
from engine.core.identity import Identity, Role
from engine.entrypoints.web.desk import Desk
from engine.entrypoints.web.problem import answer, of_error

Caller = Callable[["Context[Any]", Role], Identity]


@dataclass(frozen=True, slots=True)
class OneCaller:
    """Over standard input and output there is one caller, whose token the process was started with."""

    desk: Desk
    token: str

    def __call__(self, _context: Context[Any], role: Role) -> Identity:
        """The identity, which has to have this role now. Raises :class:`Unauthenticated`, :class:`NotPermitted`."""
        return _proven(self.desk, self.token, role)


@dataclass(frozen=True, slots=True)
class BearerCaller:
    """Over HTTP every request carries a token of its own."""

    desk: Desk

    def __call__(self, context: Context[Any], role: Role) -> Identity:
        """The identity that this request's token proves. Raises :class:`Unauthenticated`, :class:`NotPermitted`."""
        request = context.request_context.request
        return _proven(self.desk, _bearer(request) if isinstance(request, Request) else "", role)


class Doorkeeper:
    """Answers a request without a valid token before anything of it is read."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer 401."""
        if scope["type"] == "http":
            try:
                self._desk.prove(_bearer(Request(scope)))
            except Unauthenticated as error:
                await answer(of_error(error))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _proven(desk: Desk, token: str, role: Role) -> Identity:
    identity = desk.prove(token)
    identity.require(role)
    return identity


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def known(desk: Desk, token: str) -> Identity:
    """The identity of a token. Raises :class:`Unauthenticated` at once, rather than at the first call."""
    try:
        return desk.prove(token)
    except Unauthenticated as error:
        remedy = "Make one: penstock identities add"
        raise Unauthenticated(error.message, where="PENSTOCK_TOKEN", remedy=remedy) from None
