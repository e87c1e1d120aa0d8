"""Requests to Gitea's API: bounded in time, size and number, with the token in one header and nowhere else.

1. Redirects aren't followed, so the token reaches the host that was set and no other.
2. Only what changes nothing is asked again, and only a few times; the rest is taken up by the next pass.
3. A list is read whole or not at all: a part of the reviews is never taken for all of them.

Gitea gives its answers no ETag, so none can be asked for conditionally.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from engine.adapters.forge.gitea.trouble import gone, said, trouble
from engine.core.errors import ForgeTrouble, ForgeUnreachable, NotFound

Read = TypeVar("Read", bound=BaseModel)

TRIES = 3
PAUSE_SECONDS = 0.3
PAGE, MOST_PAGES = 50, 40
MOST_BYTES = 8 * 1024 * 1024
TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class GiteaApi:
    """One repository's API. ``url`` is the API's root (``https://…/api/v1``), ``pause`` waits some seconds."""

    def __init__(
        self, url: str, repository: str, *, token: Callable[[], str], pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.url = url.rstrip("/")
        self.repository = repository
        self._token = token
        self._pause = pause
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """What is at a path of the repository, or ``None`` where nothing is. Raises :class:`ForgeTrouble`."""
        return self._document(self._repeated(self._in_repository(path), query), path)

    def outside(self, path: str, **query: Any) -> Any:
        """As :meth:`get`, for what isn't the repository's."""
        return self._document(self._repeated(path, query), path)

    def pages(self, path: str, *, most: int = MOST_PAGES, whole: bool = True, **query: Any) -> Iterator[Any]:
        """Every item of a list of the repository's, or of its first ``most`` pages where not the ``whole`` matters.

        Raises :class:`NotFound` where there is no such list, and :class:`ForgeUnreachable` when it doesn't end.
        """
        for page in range(1, most + 1):
            items = self.get(path, page=page, limit=PAGE, **query)
            if items is None and page == 1:
                self.require_repository()
                raise NotFound("there is no such list", where=path)
            if not items:
                return
            if not isinstance(items, list):
                raise _garbled(path)
            yield from items
        if whole:
            raise ForgeUnreachable(f"there are more than {most * PAGE} of them", where=path, remedy="Close what is old")

    def send(self, method: str, path: str, body: Any, *, where: str = "") -> Any:
        """Change something in the repository. Raises :class:`Declined` or :class:`ForgeTrouble`."""
        answer = self._once(method, self._in_repository(path), {}, body)
        if answer.is_success:
            return self._read(answer, path)
        raise trouble(answer, said(answer), where=where or path)

    def require_repository(self) -> dict[str, Any]:
        """The repository itself. Raises :class:`RepositoryGone`."""
        found = self.get("")
        if not isinstance(found, dict):
            raise gone(self.repository)
        return found

    def _in_repository(self, path: str) -> str:
        return f"/repos/{self.repository}{path}"

    def _document(self, answer: httpx.Response, path: str) -> Any:
        if answer.status_code == 404:
            return None
        if not answer.is_success:
            raise trouble(answer, said(answer), where=path or self.repository)
        return self._read(answer, path)

    def _repeated(self, path: str, query: dict[str, Any]) -> httpx.Response:
        for left in reversed(range(TRIES)):
            try:
                answer = self._once("GET", path, query, None)
            except ForgeUnreachable:
                if not left:
                    raise
            else:
                if answer.status_code not in (502, 503, 504) or not left:
                    return answer
            self._pause(PAUSE_SECONDS * (TRIES - left))
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, query: dict[str, Any], body: Any) -> httpx.Response:
        given = {"Authorization": f"token {self._token()}", "Accept": "application/json"}
        request = self._client.build_request(method, self.url + path, params=query, json=body, headers=given)
        try:
            answer = self._client.send(request, stream=True)
            try:
                content = bytearray()
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > MOST_BYTES:
                        raise ForgeUnreachable(f"the answer has over {MOST_BYTES} bytes", where=path)
            finally:
                answer.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = type(error).__name__
            remedy = "Look whether it is up; it is tried again"
            raise ForgeUnreachable(f"Gitea doesn't answer ({what})", where=self.url, remedy=remedy) from None
        plain = [(name, value) for name, value in answer.headers.items() if name != "content-encoding"]
        return httpx.Response(answer.status_code, headers=plain, content=bytes(content), request=request)

    def _read(self, answer: httpx.Response, path: str) -> Any:
        if not answer.content:
            return {}
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            raise _garbled(path) from None


def understood(model: type[Read], document: Any, *, where: str) -> Read:
    """The document as a model. Raises :class:`ForgeUnreachable` when it isn't one."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"]) or "document"
        raise _garbled(f"{where} {field}") from None


def _garbled(where: str) -> ForgeTrouble:
    remedy = "Check that PENSTOCK_FORGE_URL is the API of Gitea or Forgejo"
    return ForgeUnreachable("the answer isn't understood", where=where, remedy=remedy)
