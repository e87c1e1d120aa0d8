"""What Gitea's failures mean, as nouns that a proposal and a check can carry.

A message of Gitea's is text from outside and is shown on one cleaned line.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from engine.core.errors import (
    ForgeRefused,
    ForgeUnreachable,
    MissingPermission,
    PenstockError,
    RateLimited,
    RepositoryGone,
    RevokedToken,
)
from engine.core.moment import format_instant
from engine.core.untrusted import one_line

LONGEST_WAIT = timedelta(hours=1)


class Declined(ForgeRefused):
    """Gitea understood the request and doesn't do it: ``status`` is 404, 405, 409, 422 …"""

    def __init__(self, status: int, message: str, *, where: str) -> None:
        super().__init__(f"Gitea declines: {message}", where=where)
        self.status = status


def trouble(answer: httpx.Response, message: str, *, where: str) -> PenstockError:
    """The error for an answer that isn't a success."""
    status = answer.status_code
    if status == 401:
        return RevokedToken("Gitea doesn't take the gate's token", where=where, remedy="Give the gate a new one")
    if status in (403, 423):
        remedy = "docs/forges.md lists what the gate's account and token need"
        return MissingPermission(f"Gitea doesn't permit it: {message}", where=where, remedy=remedy)
    if status == 429:
        until = _retry_at(answer)
        return RateLimited("Gitea asks to be left alone", where=where, remedy=_until(until), retry_at=until)
    if 300 <= status < 400:
        remedy = "Set PENSTOCK_FORGE_URL and PENSTOCK_FORGE_REPOSITORY to where it is now"
        return RepositoryGone("the repository has moved", where=where, remedy=remedy)
    if status >= 500:
        return ForgeUnreachable(f"Gitea answers {status}", where=where, remedy="It is tried again")
    return Declined(status, message, where=where)


def gone(repository: str) -> RepositoryGone:
    """Gitea shows the gate no such repository."""
    remedy = "Check PENSTOCK_FORGE_REPOSITORY, and that the gate's account still has access to it"
    return RepositoryGone("Gitea shows no such repository", where=repository, remedy=remedy)


def said(answer: httpx.Response) -> str:
    """Gitea's own message, on one line."""
    try:
        document = answer.json()
    except ValueError:
        return "no reason given"
    text = document.get("message") if isinstance(document, dict) else None
    return one_line(str(text or "no reason given"))


def _retry_at(answer: httpx.Response) -> str:
    """When to come back by the server's own clock; empty when it doesn't say."""
    asked, now = answer.headers.get("Retry-After", ""), datetime.now(UTC)
    with suppress(ValueError):
        now = parsedate_to_datetime(answer.headers.get("Date", ""))
    if asked.isascii() and asked.isdigit():
        return format_instant(now + min(timedelta(seconds=int(asked)), LONGEST_WAIT))
    try:
        return format_instant(min(parsedate_to_datetime(asked), now + LONGEST_WAIT))
    except (ValueError, TypeError):
        return ""


def _until(instant: str) -> str:
    return f"The gate waits until {instant}" if instant else "It is tried again later"
