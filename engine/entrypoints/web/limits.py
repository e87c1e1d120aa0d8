"""Body limits, counted while a body arrives: what a sender says of its length is not believed."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.entrypoints.web.problem import Problem, answer

BODY = 1_048_576
SIGNALS = 8 * 1_048_576


class BodyLimit:
    """Refuses a request whose body goes over its route's limit, before anything of it is parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then hand it on whole."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = SIGNALS if scope["path"].startswith("/v1/signals/") else BODY
        body = await _read(receive, limit)
        if body is None:
            problem = Problem(
                title="Body over the limit", status=413, reason="body_too_large", detail=f"more than {limit} bytes"
            )
            await answer(problem)(scope, receive, send)
            return
        await self._app(scope, _once(body, receive), send)


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body; ``None`` when it goes over the limit."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _once(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body, and then what really comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
