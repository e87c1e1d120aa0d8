"""One POST to a channel: bounded in time, following nothing, and with no address or key in what it says of a failure.

The address of an incoming webhook is a secret, and so is every token; an error names the channel and nothing else.
"""

from __future__ import annotations

import time

import httpx

from engine.core.errors import NotDelivered

SECONDS = 5
REPLY_LIMIT = 65_536

_PASSING = (408, 409, 425, 429)


def post(channel: str, url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The reply to one POST. Raises :class:`NotDelivered` for anything but success."""
    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers=headers) as reply,
        ):
            check(channel, reply.status_code, reply.headers.get("Retry-After", ""))
            return _read(reply)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(f"no answer ({type(error).__name__})", where=channel) from None


def check(channel: str, status: int, retry_after: str) -> None:
    """Raises :class:`NotDelivered` unless a status is one of success; a refusal that won't pass is for good."""
    if 200 <= status < 300:
        return
    wait = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 6 else 0
    for_good = 400 <= status < 500 and status not in (401, 403, 404, *_PASSING)
    raise NotDelivered(f"it answered {status}", where=channel, for_good=for_good, wait_seconds=wait)


def _read(reply: httpx.Response) -> bytes:
    held, began = bytearray(), time.monotonic()
    for part in reply.iter_bytes():
        held += part
        if len(held) > REPLY_LIMIT or time.monotonic() - began > SECONDS:
            break
    return bytes(held[:REPLY_LIMIT])
