"""Body limits, counted while a body arrives: what a sender says of its length is not believed.

A body that trickles in holds a connection and nothing else, and not for long.
"""

from __future__ import annotations

from anyio import move_on_after
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.entrypoints.web.problem import Problem, answer

BODY = 1_048_576
SIGNALS = 8 * 1_048_576
LARGE = ("/v1/signals/", "/admission/")
SECONDS = 10.0

TOO_LARGE = Problem(title="Body over the limit", status=413, reason="body_too_large")
TOO_SLOW = Problem(
    title="Body took too long", status=408, reason="body_too_slow", detail="it has to be there in a few seconds"
)


class BodyLimit:
    """Refuses a request whose body goes over its route's limit in size or time, before anything of it is parsed."""

    def __init__(self, app: ASGIApp, seconds: float = SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then hand it on whole."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = SIGNALS if scope["path"].startswith(LARGE) else BODY
        problem, body = TOO_SLOW, None
        with move_on_after(self._seconds):
            body = await _read(receive, limit)
            problem = TOO_LARGE.model_copy(update={"detail": f"more than {limit} bytes"})
        if body is None:
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
