"""Evaluators that ask an OPA server, one blocking and one for an event loop.

A server can be gone, slow, somebody else's, or serve another policy than the one that was reviewed; and it answers
an undefined decision with success. Each of these is an error of its own here, within one bound of time and without
a retry, because a caller that still waits has already been refused.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable
from typing import Any, Self

import aiohttp
import requests
from opa_client import AsyncOpaClient, OpaClient

from engine.adapters.opa.address import Address, read_address
from engine.adapters.opa.verdict import check_document, check_verdict, undefined
from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import CouldNotDecide, EvaluatorTimeout, EvaluatorUnavailable, GarbledDecision, UnfitBundle

PACKAGE, RULE, DATA = "gate.decision", "verdict", "gate.data"
_PROVENANCE = {"provenance": "true"}
_TOPIC = re.compile(r"[a-z][a-z0-9_]{0,60}")


class OpaServerEngine:
    """Answers from an OPA server that serves the expected bundle. Safe to use from several threads."""

    def __init__(self, url: str, expected: PolicyIdentity, *, seconds: float = 1.0, token: str = "") -> None:
        """``seconds`` bound one decision altogether. Raises :class:`~engine.core.errors.BadInput` for the address."""
        self._address = read_address(url, token=token)
        self._expected = expected
        self._seconds = seconds
        self._client = _Client(**_options(self._address, seconds, token))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close_connection()

    def identity(self) -> PolicyIdentity:
        """The policy that the server has to serve; each answer is held against it."""
        return self._expected

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of policy data, as the server has it."""
        name = check_topic(topic)
        return check_data(self._ask(lambda: self._client.query_rule({}, DATA, name, _PROVENANCE)), name, self._address)

    def decide(self, document: bytes) -> Verdict:
        """The verdict on an input document; see :class:`~engine.ports.PolicyEngine` for what it raises."""
        parsed = check_document(document)
        answer = self._ask(lambda: self._client.query_rule(parsed, PACKAGE, RULE, _PROVENANCE))
        return check_decision(answer, self._address)

    def _ask(self, call: Callable[[], Any]) -> dict[str, Any]:
        try:
            answer = _within(self._seconds, call)
        except (TimeoutError, requests.Timeout):
            raise _late(self._address, self._seconds) from None
        except (requests.JSONDecodeError, ValueError, RecursionError) as error:
            raise _garbled(self._address, error) from None
        except requests.RequestException as error:
            raise _gone(self._address, error) from None
        return check_answer(answer, self._expected, self._address)


class AsyncOpaServerEngine:
    """As :class:`OpaServerEngine`, for an event loop. It connects in ``async with`` and works only inside."""

    def __init__(self, url: str, expected: PolicyIdentity, *, seconds: float = 1.0, token: str = "") -> None:
        """``seconds`` bound one decision altogether. Raises :class:`~engine.core.errors.BadInput` for the address."""
        self._address = read_address(url, token=token)
        self._expected = expected
        self._seconds = seconds
        self._client = _AsyncClient(**_options(self._address, seconds, token))
        self._open = False

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        self._open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        await self._client.close_connection()

    def identity(self) -> PolicyIdentity:
        """The policy that the server has to serve; each answer is held against it."""
        return self._expected

    async def data(self, topic: str) -> dict[str, Any]:
        """One topic of policy data, as the server has it."""
        return check_data(await self._ask({}, DATA, check_topic(topic)), topic, self._address)

    async def decide(self, document: bytes) -> Verdict:
        """The verdict on an input document; see :class:`~engine.ports.PolicyEngine` for what it raises."""
        return check_decision(await self._ask(check_document(document), PACKAGE, RULE), self._address)

    async def _ask(self, document: Any, package: str, rule: str) -> dict[str, Any]:
        if not self._open:
            raise EvaluatorUnavailable("is not connected", where=str(self._address), remedy="Use it in async with")
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._client.query_rule(document, package, rule, _PROVENANCE)
        except TimeoutError:
            raise _late(self._address, self._seconds) from None
        except (aiohttp.ContentTypeError, ValueError, RecursionError) as error:
            raise _garbled(self._address, error) from None
        except (aiohttp.ClientError, OSError) as error:
            raise _gone(self._address, error) from None
        return check_answer(answer, self._expected, self._address)


def check_answer(answer: Any, expected: PolicyIdentity, address: Address) -> dict[str, Any]:
    """An answer of the Data API, if the expected bundle gave it.

    Raises :class:`UnfitBundle` for another policy, :class:`GarbledDecision` for no object.
    """
    if not isinstance(answer, dict):
        raise GarbledDecision("the answer is not an object", where=str(address))
    provenance = answer.get("provenance")
    bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
    served = (
        {b.get("revision") for b in bundles.values() if isinstance(b, dict)} if isinstance(bundles, dict) else set()
    )
    if expected.revision not in served:
        found = ", ".join(sorted(map(str, served))) or "no bundle"
        raise UnfitBundle(
            f"serves {found}, not policy {expected.revision}",
            where=str(address),
            remedy="Load the bundle that this gate was given",
        )
    return answer


def check_decision(answer: dict[str, Any], address: Address) -> Verdict:
    """The verdict in an answer; success with no result is an undefined decision, and that is an error."""
    if "result" not in answer:
        raise undefined(str(address))
    return check_verdict(answer["result"], evaluator=str(address))


def check_topic(topic: str) -> str:
    """A topic's name, which goes into a path. Raises :class:`UnfitBundle` for anything but a plain word."""
    if not _TOPIC.fullmatch(topic):
        raise UnfitBundle(f"has no data topic {topic!r}", where="policy data")
    return topic


def check_data(answer: dict[str, Any], topic: str, address: Address) -> dict[str, Any]:
    """A topic's mapping in an answer. Raises :class:`UnfitBundle` when there is none."""
    result = answer.get("result")
    if not isinstance(result, dict):
        raise UnfitBundle(f"has no data topic {topic!r}", where=str(address))
    return result


class _Client(OpaClient):  # type: ignore[misc]
    """The library's client without what a gate can't have: proxies of the environment and redirects."""

    def _init_session(self) -> requests.Session:
        session: requests.Session = super()._init_session()
        session.trust_env = False
        session.max_redirects = 0
        return session


class _AsyncClient(AsyncOpaClient):  # type: ignore[misc]
    def _request(self, method: str, url: str, **options: Any) -> Any:
        return super()._request(method, url, allow_redirects=False, **options)


def _options(address: Address, seconds: float, token: str) -> dict[str, Any]:
    return {
        "host": address.host,
        "port": address.port,
        "ssl": address.encrypted,
        "token": token or None,
        "retries": 0,
        "timeout": seconds,
    }


def _within(seconds: float, call: Callable[[], Any]) -> Any:
    """The call's result, waiting no longer than ``seconds``.

    The library bounds each read, so a server that sends a byte now and then would hold a caller for ever. The thread
    left behind ends with its connection.
    """
    outcome: list[tuple[Any, BaseException | None]] = []

    def work() -> None:
        try:
            outcome.append((call(), None))
        except (requests.RequestException, ValueError, RecursionError) as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work, name="opa-decision", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        if thread.is_alive():
            raise TimeoutError
        raise ValueError("no answer")
    result, error = outcome[0]
    if error is not None:
        raise error
    return result


def _late(address: Address, seconds: float) -> CouldNotDecide:
    return EvaluatorTimeout(f"no answer within {seconds} s", where=str(address))


def _garbled(address: Address, error: Exception) -> CouldNotDecide:
    return GarbledDecision(f"the answer can't be read ({type(error).__name__})", where=str(address))


def _gone(address: Address, error: Exception) -> CouldNotDecide:
    response = error.response if isinstance(error, requests.RequestException) else None
    if response is not None:
        told = f"answers {response.status_code} {_message(response.content)}".strip()
    elif isinstance(error, aiohttp.ClientResponseError):
        told = f"answers {error.status} {error.message}"
    else:
        told = f"can't be reached, or was lost ({type(error).__name__})"
    return EvaluatorUnavailable(told, where=str(address), remedy="Start it, or use the embedded evaluator")


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return ""
