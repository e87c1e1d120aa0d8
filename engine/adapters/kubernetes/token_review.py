"""Asking the cluster whose a ServiceAccount's token is, so that an agent in it needs no token of the gate's.

1. The token has to have been issued for this gate: one for the API server itself, which every pod has, proves nothing.
2. The server's answer has to name that audience; a server that knows no audiences would vouch for any token.
3. What can't be asked is no proof: it is refused with a reason of its own, and tried again at the next call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from engine.core.errors import Unauthenticated

AUDIENCE = "penstock"
PATH = "/apis/authentication.k8s.io/v1/tokenreviews"
SECONDS = 5.0
LIMIT = 65_536
LONGEST = 8192

_ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})")


class TokenReviewer:
    """Reviews tokens by one API server; ``configuration`` is the Kubernetes client's."""

    def __init__(self, configuration: Any) -> None:
        from kubernetes.client import ApiClient

        configuration.retries = False
        self._configuration = configuration
        self._client = ApiClient(configuration)

    def __call__(self, token: str) -> str:
        """``namespace/name`` of the ServiceAccount, or nothing. Raises :class:`Unauthenticated` if nobody can tell."""
        if len(token) > LONGEST:
            return ""
        status = self._asked(token)
        user = status.get("user")
        if status.get("authenticated") is not True or AUDIENCE not in (status.get("audiences") or ()):
            return ""
        found = _ACCOUNT.fullmatch(str(user.get("username", ""))) if isinstance(user, Mapping) else None
        return f"{found[1]}/{found[2]}" if found else ""

    def _asked(self, token: str) -> Mapping[str, Any]:
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [AUDIENCE]},
        }
        headers = {"Accept": "application/json", "Content-Type": "application/json", **self._credential()}
        url = f"{self._configuration.host}{PATH}"
        try:
            answer = self._client.call_api("POST", url, headers, body=body, _request_timeout=(SECONDS, SECONDS))
            with closing(answer.response) as raw:
                status, data = raw.status, raw.read(LIMIT)
            document = json.loads(data) if status in (200, 201) else None
        except (HTTPError, OSError, ValueError, ApiException):
            raise _unknown("doesn't answer as it should") from None
        if not isinstance(document, dict) or not isinstance(document.get("status"), dict):
            raise _unknown(f"answered {status} to a TokenReview")
        found: dict[str, Any] = document["status"]
        return found

    def _credential(self) -> dict[str, str]:
        found = self._configuration.auth_settings().get("BearerToken")
        return {"Authorization": str(found["value"])} if found else {}


def _unknown(what: str) -> Unauthenticated:
    remedy = "Look at the API server, and whether the gate may create tokenreviews"
    return Unauthenticated(
        f"nobody can tell whose token this is: the API server {what}", where="cluster", remedy=remedy
    )
