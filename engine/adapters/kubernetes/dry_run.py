"""What the cluster would make of an object, asked as the identity that may ask and stored by nobody.

Schemas, quotas and other people's admission policies live in the API server, so it is asked itself: by server-side
apply as a dry run, or by a deletion as one. Where it says no, its words are kept; where it couldn't be asked, that is
said and isn't a no, and never a yes. Whose answer it is, is told by how the server begins it: what a webhook says comes
after that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from threading import Lock
from typing import Any

from engine.adapters.kubernetes.api import Api
from engine.adapters.kubernetes.resources import Resource
from engine.core.errors import DryRunRefused, DryRunUntried, NotFound
from engine.core.untrusted import one_line

MANAGER = "penstock-dry-run"
REMEDY = "gitops/dry-run has the role that asking needs"
TEXT = 300

_NAME = re.compile(r"[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?")
_VERSION = re.compile(r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?v[0-9][a-z0-9]{0,15}")
_ROLE = re.compile(r'\S+ "[^"]*" is forbidden: User "')
_UNASKED = re.compile(r'admission webhook "[^"]*" does not support dry run')
# What isn't in the schema fails before anybody is asked, and the server calls that an error of its own.
_SCHEMA = "failed to create typed patch object ("
_SAYS_NO = (400, 403, 404, 405, 409, 413, 415, 422)


class ServerDryRun:
    """Implements :class:`engine.ports.DryRun`; safe between threads."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._served: dict[tuple[str, str], Resource] = {}
        self._lock = Lock()

    def live(self, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object as it is, with the managers of its fields; ``None`` where there is none."""
        path = self._path(manifest)
        try:
            return self._api.get(path)
        except NotFound as error:
            if type(error) is NotFound:
                return None
            raise _untried(error) from None

    def apply(self, manifest: Mapping[str, Any], manager: str = "") -> dict[str, Any]:
        """The object as applying would leave it, under the name of a manager of fields."""
        path = self._path(manifest)
        sent = manifest if "/namespaces/" in path else _without_namespace(manifest)
        try:
            status, answer = self._api.rehearse(path, sent, manager or MANAGER)
        except NotFound as error:
            raise _untried(error) from None
        if status in (200, 201):
            return answer
        raise _no(status, answer, path)

    def remove(self, manifest: Mapping[str, Any]) -> None:
        """Ask whether the object may be deleted; one that isn't there may."""
        path = self._path(manifest)
        try:
            status, answer = self._api.rehearse_removal(path)
        except NotFound as error:
            raise _untried(error) from None
        if status not in (200, 202, 404):
            raise _no(status, answer, path)

    def _path(self, manifest: Mapping[str, Any]) -> str:
        """Where the object is. Raises :class:`DryRunRefused` for one that this cluster can't have."""
        version, kind = str(manifest.get("apiVersion", "")), str(manifest.get("kind", ""))
        metadata = manifest.get("metadata") or {}
        namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
        if not _VERSION.fullmatch(version) or not _NAME.fullmatch(name):
            raise DryRunRefused(
                "is no object that an API server could take", where=one_line(f"{version} {kind} {name}")
            )
        resource = self._resource(version, kind)
        if resource is None:
            raise DryRunRefused(f"the cluster has no {one_line(kind)} in {version}", where=version)
        if resource.namespaced and not _NAME.fullmatch(namespace):
            raise DryRunUntried(f"{kind} {name} says no namespace", where=version)
        return resource.path(namespace, name)

    def _resource(self, version: str, kind: str) -> Resource | None:
        """Where a kind is, by discovery; what was found once is kept, and what wasn't is asked for again."""
        with self._lock:
            found = self._served.get((version, kind))
        if found is not None:
            return found
        group, _, short = version.rpartition("/")
        try:
            answer = self._api.get(f"/apis/{version}" if group else f"/api/{version}")
        except NotFound as error:
            if type(error) is NotFound:
                return None
            raise _untried(error) from None
        served = {
            (version, str(one["kind"])): Resource(
                str(one["kind"]), group, short, str(one["name"]), bool(one.get("namespaced"))
            )
            for one in answer.get("resources") or ()
            if "/" not in str(one.get("name", "/")) and "kind" in one
        }
        with self._lock:
            self._served.update(served)
        return served.get((version, kind))


def _without_namespace(manifest: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in (manifest.get("metadata") or {}).items() if key != "namespace"}
    return {**manifest, "metadata": metadata}


def _no(status: int, answer: Mapping[str, Any], path: str) -> DryRunRefused | DryRunUntried:
    """What an answer that isn't a yes comes to, in the server's own words."""
    text = one_line(str(answer.get("message") or f"status {status}"), limit=TEXT)
    if _says_no(status, text):
        return DryRunRefused(text, where=path)
    return DryRunUntried(f"{status}: {text}", where=path, remedy=REMEDY)


def _says_no(status: int, text: str) -> bool:
    """Whether an answer is about the object, and not about who asks or whether anybody could be asked."""
    if status == 500:
        return text.startswith(_SCHEMA)
    return status in _SAYS_NO and not _ROLE.match(text) and not _UNASKED.match(text)


def _untried(error: NotFound) -> DryRunUntried:
    return DryRunUntried(error.message, where=error.where, remedy=REMEDY)
