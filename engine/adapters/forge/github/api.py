"""One way to ask GitHub: bounded in time, conditional where it reads, and quiet while GitHub wants to be left alone.

1. What was read before is asked for with its ETag; an unchanged answer costs nothing of the hourly allowance.
2. Once GitHub names a limit, no request leaves before it ends. The answer then is :class:`RateLimited`.
3. A read that failed for a passing reason is asked once more; a write never is, because it may have happened.
4. No redirect is followed, so the credential goes to one host only.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import httpx

from engine.adapters.forge.github.credential import Client, Credential
from engine.adapters.forge.github.trouble import NOT_FOUND, Declined, gone, query_trouble, trouble
from engine.core.errors import ForgeUnreachable, MissingPermission, RateLimited, RevokedToken
from engine.core.moment import parse_instant

KEPT_ANSWERS = 2000
PAGE = 100
MOST_PAGES = 50
PAUSE_SECONDS = 0.5
RENEWED_SECONDS = 600


class KeptTransport(httpx.HTTPTransport):
    """Connections that outlive the library's short-lived clients."""

    def close(self) -> None:
        """Nothing: the owner ends it."""

    def end(self) -> None:
        """Close the connections."""
        super().close()


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # reading who is trusted takes longer than a request


class GitHubApi:
    """Requests about one repository, ``owner/name``, on the interface at ``url``; safe between threads."""

    def __init__(
        self,
        url: str,
        repository: str,
        credential: Credential,
        *,
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.repository = repository
        self._url = url
        self._credential = credential
        self._clock = clock
        self._wait = wait
        self._transport = KeptTransport(verify=_trusted(), retries=0)
        self._client: Client | None = None
        self._git_token = ("", 0.0)
        self._lock = threading.RLock()
        self._answers: OrderedDict[str, tuple[str, Any]] = OrderedDict()
        self._limited: RateLimited | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.end()

    def app(self) -> int | None:
        """The number of the App that the gate is; ``None`` where it has a token. Raises :class:`ForgeTrouble`."""
        return self._connected().app

    def git_token(self) -> str:
        """What Git proves itself with: the token, or one of the App's for this repository, renewed in time.

        Raises :class:`ForgeTrouble`.
        """
        client = self._connected()
        if client.installation is None:
            return client.token
        token, until = self._git_token
        if self._clock() > until - RENEWED_SECONDS:
            token, until = self._guarded(lambda: self._new_token(client), self.repository)
            self._git_token = (token, until)
        return token

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock()

    def get(self, path: str, **params: str | int) -> Any:
        """The document at a path below the repository; ``None`` where GitHub has none.

        Raises :class:`ForgeTrouble`.
        """
        where = self._path(path)
        key = str(httpx.URL(where, params={name: str(value) for name, value in params.items()}))
        etag, known = self._answers.get(key, ("", None))
        headers = {"If-None-Match": etag} if etag else {}
        try:
            response = self._read(lambda: self._ask("GET", where, params=params or None, headers=headers), where)
        except Declined as declined:
            if declined.status == NOT_FOUND:
                return self._absent(path)
            raise
        if response.status_code == 304:
            return known
        return self._keep(key, response.headers.get("etag", ""), self._document(response, where))

    def pages(self, path: str, **params: str | int) -> Iterator[Any]:
        """Every element of a list, page by page. Raises :class:`ForgeTrouble`, also beyond ``MOST_PAGES``."""
        for number in range(1, MOST_PAGES + 1):
            found = self.get(path, **params, per_page=PAGE, page=number) or []
            yield from found
            if len(found) < PAGE:
                return
        raise ForgeUnreachable(f"more than {MOST_PAGES * PAGE} entries", where=self._path(path))

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Write something below the repository. Raises :class:`Declined` or :class:`ForgeTrouble`."""
        where = self._path(path)
        try:
            response = self._guarded(lambda: self._ask(method, where, json=body), where)
        except Declined as declined:
            if declined.status == NOT_FOUND and method != "DELETE":
                self._absent("")
                remedy = "GitHub also says so of what the gate isn't permitted; docs/forges.md lists what it needs"
                raise MissingPermission("GitHub shows no such thing", where=where, remedy=remedy) from None
            raise
        return None if response.status_code == 204 else self._document(response, where)

    def query(self, document: str, **variables: Any) -> dict[str, Any]:
        """Ask by GraphQL without changing anything. Raises :class:`Declined` or :class:`ForgeTrouble`."""
        return self._read(lambda: self._graphql(document, variables), self.repository)  # type: ignore[no-any-return]

    def mutate(self, document: str, **variables: Any) -> dict[str, Any]:
        """Change something by GraphQL. Raises :class:`Declined` or :class:`ForgeTrouble`."""
        return self._guarded(lambda: self._graphql(document, variables), self.repository)  # type: ignore[no-any-return]

    def _path(self, path: str) -> str:
        return f"/repos/{self.repository}{path}"

    def _absent(self, path: str) -> None:
        """``None`` for something that isn't there in a repository that is."""
        if not path or self.get("") is None:
            raise gone(self.repository)

    def _keep(self, key: str, etag: str, document: Any) -> Any:
        with self._lock:
            self._answers.pop(key, None)
            if etag:
                self._answers[key] = (etag, document)
            if len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return document

    def _document(self, response: Any, where: str) -> Any:
        try:
            return response.json()
        except ValueError:
            raise ForgeUnreachable("GitHub's answer isn't JSON", where=where, remedy="It is tried again") from None

    def _read(self, ask: Callable[[], Any], where: str) -> Any:
        try:
            return self._guarded(ask, where)
        except ForgeUnreachable:
            self._wait(PAUSE_SECONDS)
            return self._guarded(ask, where)

    def _guarded(self, ask: Callable[[], Any], where: str) -> Any:
        """What was asked for. An App whose token was refused gets a new one, once: nothing has happened by then."""
        renewable = self._client is not None and self._client.installation is not None
        try:
            return self._once(ask, where)
        except RevokedToken:
            if not renewable:
                raise
            return self._once(ask, where)

    def _once(self, ask: Callable[[], Any], where: str) -> Any:
        from githubkit.exception import GitHubException

        self._require_allowance()
        try:
            return ask()
        except RateLimited as limit:
            self._limited = limit
            raise
        except (GitHubException, httpx.HTTPError) as failure:
            error = trouble(failure, where=where, now=self._clock())
            if isinstance(error, RateLimited):
                self._limited = error
            if isinstance(error, RevokedToken):
                self._client = None
            raise error from None

    def _require_allowance(self) -> None:
        """The second step: silence until the limit has ended."""
        limit = self._limited
        if limit is None:
            return
        if self._clock() < parse_instant(limit.retry_at).timestamp():
            raise RateLimited(limit.message, where=limit.where, remedy=limit.remedy, retry_at=limit.retry_at)
        self._limited = None

    def _ask(self, method: str, where: str, **given: Any) -> Any:
        response = self._github().request(method, where, **given)
        if 300 <= response.status_code < 400 and response.status_code != 304:
            raise gone(where)
        return response

    def _graphql(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        site, own = re.subn(r"/api/v3/*$", "/api/graphql", self._url)
        asked = {"query": document, "variables": variables}
        response = self._github().request("POST", site if own else "/graphql", json=asked)
        answer = self._document(response, self.repository)
        errors, data = (answer.get("errors"), answer.get("data")) if isinstance(answer, dict) else (None, None)
        if isinstance(errors, list) and errors:
            raise query_trouble(errors, response.headers, where=self.repository, now=self._clock())
        if not isinstance(data, dict):
            raise ForgeUnreachable(
                "GitHub's answer isn't understood", where=self.repository, remedy="It is tried again"
            )
        return data

    def _connected(self) -> Client:
        return self._guarded(self._made, self.repository)  # type: ignore[no-any-return]

    def _new_token(self, client: Client) -> tuple[str, float]:
        wanted = {"repositories": [self.repository.partition("/")[2]]}
        found = client.library.request("POST", f"/app/installations/{client.installation}/access_tokens", json=wanted)
        document = found.json()
        return str(document["token"]), parse_instant(document["expires_at"]).timestamp()

    def _github(self) -> Any:
        return self._made().library

    def _made(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = self._credential.client(self._url, self.repository, self._transport)
            return self._client
