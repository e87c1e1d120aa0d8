"""What GitHub's failures mean, as nouns that a proposal and a check can carry.

GitHub answers 404 both for what isn't there and for what it won't show, so who asks says which of the two it is.
A message of GitHub's is text from outside and is shown on one cleaned line.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.core.errors import (
    ForgeRefused,
    ForgeTrouble,
    ForgeUnreachable,
    MissingPermission,
    PenstockError,
    RateLimited,
    RepositoryGone,
    RevokedToken,
)
from engine.core.moment import format_instant
from engine.core.untrusted import one_line

NOT_FOUND = 404
LONGEST_WAIT = timedelta(hours=1, minutes=5)


class Declined(ForgeRefused):
    """GitHub understood the request and doesn't do it: ``status`` is 404, 405, 409, 422 …"""

    def __init__(self, status: int, message: str, *, where: str) -> None:
        super().__init__(f"GitHub declines: {message}", where=where)
        self.status = status


def trouble(failure: Exception, *, where: str, now: float) -> PenstockError:
    """The error for what the library raised. ``now`` is seconds since 1970."""
    from githubkit.exception import AuthCredentialError, RateLimitExceeded, RequestError, RequestFailed

    while isinstance(failure, RequestError) and isinstance(failure.exc, RequestError):
        failure = failure.exc  # what failed while a token was asked for
    if isinstance(failure, RateLimitExceeded):
        return limited(_wait(failure.response.headers, now), where=where, now=now)
    if isinstance(failure, RequestFailed):
        return _of_status(failure.response.status_code, said(failure.response), where)
    if isinstance(failure, AuthCredentialError):
        return RevokedToken("GitHub gives out no token", where=where, remedy="Check the App's key and installation")
    return ForgeUnreachable("GitHub doesn't answer", where=where, remedy="It is tried again; see its status page")


def _wait(headers: Mapping[str, str], now: float) -> timedelta:
    """How long GitHub asks to be left alone: as it says, until its hour ends, or a minute."""
    for name, since in (("retry-after", 0.0), ("x-ratelimit-reset", now)):
        if (given := headers.get(name, "")).isdigit():
            return timedelta(seconds=int(given) - since)
    return timedelta(minutes=1)


def limited(wait: timedelta, *, where: str, now: float) -> RateLimited:
    """The error for a limit that ends after ``wait``, which is taken for at most ``LONGEST_WAIT``."""
    wait = max(timedelta(seconds=1), min(wait, LONGEST_WAIT))
    until = format_instant(datetime.fromtimestamp(now, UTC) + wait)
    remedy = "The gate waits until then"
    return RateLimited(f"GitHub asks to be left alone until {until}", where=where, remedy=remedy, retry_at=until)


def said(response: Any) -> str:
    """GitHub's own message, on one line."""
    try:
        document = response.json()
    except ValueError:
        return "no reason given"
    if not isinstance(document, dict):
        return "no reason given"
    errors = document.get("errors")
    more = [str(each.get("message", "")) if isinstance(each, dict) else str(each) for each in errors or ()]
    return one_line(" ".join([str(document.get("message", "")), *more]).strip() or "no reason given")


def _of_status(status: int, message: str, where: str) -> PenstockError:
    if status == 401:
        remedy = "Give the gate a new one"
        return RevokedToken(f"GitHub doesn't take the gate's credential: {message}", where=where, remedy=remedy)
    if status == 403:
        return _not_permitted(message, where)
    if status == 451:
        return RepositoryGone(f"GitHub doesn't show it: {message}", where=where)
    if 300 <= status < 400:
        remedy = "Set PENSTOCK_FORGE_REPOSITORY to its present name"
        return RepositoryGone("the repository has moved", where=where, remedy=remedy)
    if status >= 500:
        return ForgeUnreachable(f"GitHub answers {status}", where=where, remedy="It is tried again")
    return Declined(status, message, where=where)


def _not_permitted(message: str, where: str) -> ForgeTrouble:
    remedy = "docs/forges.md lists the permissions that the gate needs; grant it, and accept it for the installation"
    return MissingPermission(f"GitHub doesn't permit it: {message}", where=where, remedy=remedy)


def query_trouble(errors: list[Any], headers: Mapping[str, str], *, where: str, now: float) -> PenstockError:
    """The error for what a GraphQL answer says instead of data."""
    first = errors[0] if isinstance(errors[0], dict) else {}
    kind, message = str(first.get("type") or ""), one_line(str(first.get("message") or "no reason given"))
    path = [str(part) for part in first.get("path") or ()]
    if kind in ("RATE_LIMIT", "RATE_LIMITED"):
        return limited(_wait(headers, now), where=where, now=now)
    if kind == "NOT_FOUND" and path == ["repository"]:
        return gone(where)
    if kind in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
        return _not_permitted(message, where)
    if kind in ("SERVICE_UNAVAILABLE", "INTERNAL", ""):
        return ForgeUnreachable(f"GitHub answers with an error: {message}", where=where, remedy="It is tried again")
    return Declined(NOT_FOUND if kind == "NOT_FOUND" else 422, message, where=where)


def gone(repository: str) -> RepositoryGone:
    """GitHub shows the gate no such repository."""
    remedy = "Check PENSTOCK_FORGE_REPOSITORY, and that the gate still has access to it"
    return RepositoryGone("GitHub shows no such repository", where=repository, remedy=remedy)
