"""Who the gate is on GitHub: an App that is installed on the repository, or the holder of a token.

An App is the better one: its tokens live for an hour and reach one repository, its commits are signed by GitHub,
and only an App can write check runs. The library is imported when the first request is made, because a short
command that never asks GitHub shouldn't wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from engine.core.errors import BadInput, RevokedToken

SECONDS = 20.0
AGENT = "penstock"


class Credential(Protocol):
    """Makes clients that prove who the gate is."""

    def client(self, url: str, repository: str, transport: Any) -> Client:
        """A client. Raises :class:`RevokedToken`, :class:`BadInput`, or what the library raises."""
        ...


@dataclass(frozen=True, slots=True)
class Client:
    """The library's client, without caches and retries of its own.

    ``app`` and ``installation`` are the App's numbers, ``None`` where there is no App and ``token`` is what proves it.
    """

    library: Any
    app: int | None = None
    installation: int | None = None
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A personal or machine account's token."""

    token: str = field(repr=False)

    def client(
        self,
        url: str,
        repository: str,  # noqa: ARG002 - a token reaches what it was made for
        transport: Any,
    ) -> Client:
        return Client(_client(self.token, url, transport), token=self.token)


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App by its id (or client id) and the PEM text of its private key."""

    app: str
    key: str = field(repr=False)

    def client(self, url: str, repository: str, transport: Any) -> Client:
        """As its installation on the repository, with tokens for that repository alone."""
        from githubkit import AppAuthStrategy
        from githubkit.exception import RequestFailed

        self._check_key()
        itself = _client(AppAuthStrategy(self.app, self.key), url, transport)
        try:
            found = itself.request("GET", f"/repos/{repository}/installation").json()
        except RequestFailed as failure:
            if failure.response.status_code not in (401, 404):
                raise
            remedy = "Install the App on the repository, and check PENSTOCK_GITHUB_APP and PENSTOCK_GITHUB_KEY"
            raise RevokedToken("GitHub knows no such App on this repository", where=repository, remedy=remedy) from None
        names = [repository.partition("/")[2]]
        strategy = itself.auth.as_installation(int(found["id"]), repositories=names)
        return Client(_client(strategy, url, transport), int(found["app_id"]), int(found["id"]))

    def _check_key(self) -> None:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            load_pem_private_key(self.key.encode(), None)
        except (ValueError, TypeError):
            remedy = "Name the PEM file that GitHub gave out for the App"
            raise BadInput("not a private key", where="PENSTOCK_GITHUB_KEY", remedy=remedy) from None


def read_credential(token: str, app: str, key: Path | None) -> Credential:
    """The App where one is set, else the token. Raises :class:`BadInput` for a key that can't be read."""
    if not app or key is None:
        return Token(token)
    try:
        return App(app, key.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it isn't text"
        remedy = "Name a file this user may read"
        raise BadInput(f"can't be read: {reason}", where="PENSTOCK_GITHUB_KEY", remedy=remedy) from None


def _client(auth: Any, url: str, transport: Any) -> Any:
    from githubkit import GitHub
    from githubkit.cache import MemCacheStrategy

    return GitHub(
        auth,
        base_url=url,
        transport=transport,
        timeout=SECONDS,
        user_agent=AGENT,
        follow_redirects=False,
        http_cache=False,
        auto_retry=False,
        cache_strategy=MemCacheStrategy(),
    )
