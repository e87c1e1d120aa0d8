"""The Kubernetes API as the gate uses it: GET, and reviews and rehearsals of which the server stores nothing.

The client's generated models would copy every object twice and its retries hide what went wrong, so documents are
read as they come. Every way of not getting one is an error of its own: gone, not allowed, not there, not answering.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from engine.core.errors import BadInput, ClusterUnreachable, KindUnreadable, NotFound, VersionGone
from engine.core.untrusted import one_line

IN_CLUSTER = "in-cluster"
CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
QUIET_SECONDS = 90.0
LIMIT = 256 * 1_048_576
LINE_LIMIT = 16 * 1_048_576


class Api:
    """Reads from one API server as one identity; several threads may share it."""

    def __init__(self, configuration: Any, *, connections: int = 4) -> None:
        from kubernetes.client import ApiClient

        configuration.retries = False
        configuration.connection_pool_maxsize = connections
        self._configuration = configuration
        self._client = ApiClient(configuration)
        self.host = str(configuration.host)

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        self._client.rest_client.close()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One document. Raises :class:`NotFound`, or one of its kinds, with what the server said."""
        with closing(self._open(path, query or {}, READ_SECONDS)) as response:
            data = self._read(response, path)
        return self.parsed(data, path)

    def stream(self, path: str, query: Mapping[str, str]) -> Stream:
        """A watch that the server has agreed to; it ends when the server ends it or says nothing for a while."""
        return Stream(self, self._open(path, query, QUIET_SECONDS), path)

    def rehearse(self, path: str, document: Mapping[str, Any], manager: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of server-side apply as a dry run, forced where another manager owns a field.

        ``dryRun=All`` is written here and below, and nobody can leave it out. Raises :class:`ClusterUnreachable`.
        """
        query = {"fieldManager": manager, "force": "true", "fieldValidation": "Strict", "dryRun": "All"}
        sent = ("application/apply-patch+yaml", orjson.dumps(document))
        raw = self._send("PATCH", path, query, READ_SECONDS, sent)
        with closing(raw):
            return int(raw.status), self.parsed(self._read(raw, path), path)

    def rehearse_removal(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of a deletion as a dry run. Raises as :meth:`rehearse`."""
        raw = self._send("DELETE", path, {"dryRun": "All"}, READ_SECONDS)
        with closing(raw):
            return int(raw.status), self.parsed(self._read(raw, path), path)

    def review(self, path: str, document: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """The server's answer to a review, of which it stores nothing. Raises as :meth:`get`."""
        raw = self._send("POST", path, {}, seconds, ("application/json", document))
        with closing(raw):
            data = self._read(raw, path)
        if raw.status not in (200, 201):
            raise self._refused(raw.status, data, path)
        return self.parsed(data, path)

    def _open(self, path: str, query: Mapping[str, str], read_seconds: float) -> Any:
        raw = self._send("GET", path, query, read_seconds)
        if raw.status != 200:
            with closing(raw):
                raise self._refused(raw.status, self._read(raw, path), path)
        return raw

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        read_seconds: float,
        sent: tuple[str, bytes | Mapping[str, Any]] | None = None,
    ) -> Any:
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json", **self._credential()} | ({"Content-Type": sent[0]} if sent else {})
        url = f"{self.host}{path}{'?' + urlencode(query) if query else ''}"
        patience = (CONNECT_SECONDS, read_seconds)
        try:
            response = self._client.call_api(method, url, headers, sent and sent[1], _request_timeout=patience)
        except (HTTPError, OSError, self._exception) as error:
            raise self.unreachable(path, type(error).__name__) from None
        return response.response

    @property
    def _exception(self) -> type[Exception]:
        from kubernetes.client.exceptions import ApiException

        return ApiException

    def _credential(self) -> dict[str, str]:
        found = self._configuration.auth_settings().get("BearerToken")
        return {"Authorization": str(found["value"])} if found else {}

    def _read(self, response: Any, path: str) -> bytes:
        from urllib3.exceptions import HTTPError

        try:
            data: bytes = response.read(LIMIT + 1)
        except (HTTPError, OSError) as error:
            raise self.unreachable(path, type(error).__name__) from None
        if len(data) > LIMIT:
            raise self.unreachable(path, "the answer is too long")
        return data

    def parsed(self, data: bytes, path: str) -> dict[str, Any]:
        try:
            document = orjson.loads(data)
        except json.JSONDecodeError:
            raise self.unreachable(path, "the answer isn't JSON") from None
        if not isinstance(document, dict):
            raise self.unreachable(path, "the answer isn't an object")
        return document

    def unreachable(self, path: str, why: str) -> ClusterUnreachable:
        return ClusterUnreachable(f"the API server doesn't answer as it should: {one_line(why)}", where=path)

    def _refused(self, status: int, data: bytes, path: str) -> NotFound:
        try:
            said = str(orjson.loads(data).get("message", ""))
        except (json.JSONDecodeError, AttributeError):
            said = ""
        text = f"{status}{': ' + one_line(said) if said else ''}"
        if status == 410:
            return VersionGone(text, where=path)
        if status == 404:
            return NotFound(text, where=path)
        if status in (401, 403):
            return KindUnreadable(text, where=path, remedy="gitops/base/rbac.yaml has the role that the gate needs")
        return self.unreachable(path, text)


class Stream:
    """The events of one watch, as they come. ``stop`` may be called from another thread."""

    def __init__(self, api: Api, response: Any, path: str) -> None:
        self._api = api
        self._response = response
        self._path = path

    def stop(self) -> None:
        """End it now, whoever waits for its next event."""
        with suppress(OSError, ValueError, RuntimeError, AttributeError):
            self._response.shutdown()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Each event as the API wrote it. Raises :class:`ClusterUnreachable` when it is cut."""
        from urllib3.exceptions import HTTPError

        kept = b""
        with closing(self._response):
            try:
                while part := self._response.read1(65_536):
                    *lines, kept = (kept + part).split(b"\n")
                    yield from (self._api.parsed(line, self._path) for line in lines if line)
                    if len(kept) > LINE_LIMIT:
                        raise self._api.unreachable(self._path, "an event is too long")
            except (HTTPError, OSError, ValueError) as error:
                raise self._api.unreachable(self._path, type(error).__name__) from None


def connect(kubeconfig: str, *, context: str = "", where: str = "PENSTOCK_KUBECONFIG", connections: int = 4) -> Api:
    """The API that a kubeconfig file, or the pod's own ServiceAccount, leads to. Raises :class:`BadInput`.

    ``context`` is one of the file's, its current one when empty; ``where`` is the setting that named the file.
    """
    return Api(configured(kubeconfig, context=context, where=where), connections=connections)


def configured(kubeconfig: str, *, context: str = "", where: str = "PENSTOCK_KUBECONFIG") -> Any:
    """The client's configuration by the same, with a server whose certificate is checked. Raises :class:`BadInput`."""
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

    configuration = Configuration()
    remedy = f"Name a kubeconfig file, or {IN_CLUSTER} inside a pod"
    try:
        if kubeconfig == IN_CLUSTER:
            load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        elif not Path(kubeconfig).is_file():
            raise BadInput("no such file", where=kubeconfig, remedy=remedy)
        else:
            load_kube_config(config_file=kubeconfig, context=context or None, client_configuration=configuration)  # type: ignore[no-untyped-call]
    except (ConfigException, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise BadInput(f"can't be used: {one_line(str(error))}", where=where, remedy=remedy) from None
    if not configuration.verify_ssl or not str(configuration.host).startswith("https://"):
        remedy = "Give the cluster's certificate-authority in the kubeconfig"
        raise BadInput(
            "anybody could answer for the cluster: its certificate isn't checked", where=where, remedy=remedy
        )
    return configuration
