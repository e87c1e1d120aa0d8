"""One GET, bounded in time and size, to a server that holds metrics or logs."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any

import httpx

from engine.core import canonical
from engine.core.errors import BadInput, EvidenceUnavailable

SECONDS = 5.0
MOST_BYTES = 2 * 1_048_576


class Server:
    """Where a source answers; ``url`` is what its API's paths are put behind, and an empty token sends none."""

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url.rstrip("/")
        self._token = token


def read(name: str, url: str, query: Mapping[str, str], token: str = "") -> Any:
    """The ``data`` of a successful answer. Raises :class:`EvidenceUnavailable`."""
    document = read_document(name, url, query, token)
    if document.get("status") != "success" or not isinstance(document.get("data"), dict):
        raise EvidenceUnavailable("it doesn't say that it succeeded", where=name)
    return document["data"]


def read_document(name: str, url: str, query: Mapping[str, str], token: str = "") -> dict[str, Any]:
    """The JSON object of an answer. Raises :class:`EvidenceUnavailable`.

    No redirect is followed and no proxy of the environment used; an answer that trickles in is cut off as a slow one.
    """
    body, end = bytearray(), monotonic() + SECONDS
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with (
            httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream("GET", url, params=dict(query), headers=headers) as reply,
        ):
            if reply.status_code != 200:
                raise EvidenceUnavailable(f"it answered {reply.status_code}", where=name)
            for part in reply.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise EvidenceUnavailable(f"its answer is over {MOST_BYTES} bytes", where=name)
                if monotonic() > end:
                    raise EvidenceUnavailable(f"its answer takes longer than {SECONDS:g} s", where=name)
        document = canonical.parse(bytes(body), where=name, limit=MOST_BYTES)
    except (httpx.HTTPError, httpx.InvalidURL, BadInput) as error:
        raise EvidenceUnavailable(f"it doesn't answer as it should: {type(error).__name__}", where=name) from None
    if not isinstance(document, dict):
        raise EvidenceUnavailable("its answer is no object", where=name)
    return document


def rows(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The entries of ``result``. Raises :class:`EvidenceUnavailable`."""
    found = data.get("result")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise EvidenceUnavailable("its answer has no rows", where=name)
    return found
