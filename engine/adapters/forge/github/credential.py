"""Who the gate is on GitHub: an App that is installed on the repository, or the holder of a token.

An App is the better one: its tokens live for an hour and reach one repository, its commits are signed by GitHub,
and only an App can write check runs. The library is imported when the first request is made, because a short
command that never asks GitHub shouldn't wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.core.errors import BadInput, RevokedToken

SECONDS = 20.0
AGENT = "penstock"


class Credential(Protocol):
    """Makes clients that prove who the gate is."""

    def client(self, url: str, repository: str, transport: Any) -> tuple[Any, int | None]:
        """A client without caches and retries of its own, and the App's number; ``None`` where there is no App.

        Raises :class:`RevokedToken`, :class:`BadInput`, or what the library raises.
        """
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A personal or machine account's token."""

    token: str = field(repr=False)

    def client(
        self,
        url: str,
        repository: str,  # noqa: ARG002 - a token reaches what it was made for
        transport: Any,
    ) -> tuple[Any, int | None]:
        return _client(self.token, url, transport), None


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App by its id (or client id) and the PEM text of its private key."""

    app: str
    key: str = field(repr=False)

    def client(self, url: str, repository: str, transport: Any) -> tuple[Any, int | None]:
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
        return _client(strategy, url, transport), int(found["app_id"])

    def _check_key(self) -> None:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            load_pem_private_key(self.key.encode(), None)
        except (ValueError, TypeError):
            remedy = "Name the PEM file that GitHub gave out for the App"
            raise BadInput("not a private key", where="PENSTOCK_GITHUB_KEY", remedy=remedy) from None


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
