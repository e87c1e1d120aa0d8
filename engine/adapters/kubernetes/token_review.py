"""Asking the cluster whose a ServiceAccount's token is, so that an agent in it needs no token of the gate's.

1. The token has to have been issued for this gate: one for the API server itself, which every pod has, proves nothing.
2. The server's answer has to name that audience; a server that knows no audiences would vouch for any token.
3. What can't be asked is no proof: it is refused with a reason of its own, and tried again at the next call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.adapters.kubernetes.api import Api
from engine.core.errors import NotFound, Unauthenticated

AUDIENCE = "penstock"
PATH = "/apis/authentication.k8s.io/v1/tokenreviews"
SECONDS = 5.0
LONGEST = 8192

_ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})")


class TokenReviewer:
    """Reviews tokens by one API server."""

    def __init__(self, api: Api) -> None:
        self._api = api

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
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [AUDIENCE]},
        }
        try:
            status = self._api.review(PATH, body, seconds=SECONDS).get("status")
        except NotFound as error:
            raise _unknown(error.message) from None
        if not isinstance(status, dict):
            raise _unknown("its answer to a TokenReview has no status")
        return status


def _unknown(what: str) -> Unauthenticated:
    remedy = "Look at the API server, and whether the gate may create tokenreviews"
    return Unauthenticated(f"nobody can tell whose token this is: {what}", where="cluster", remedy=remedy)
