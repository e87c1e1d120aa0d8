"""The evaluator that was asked for, opened and closed; what it doesn't need isn't imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.adapters.opa.bundle import Bundle
from engine.adapters.opa.command import Binary
from engine.core.errors import BadInput
from engine.ports import PolicyEngine


@contextmanager
def open_engine(
    evaluator: str, bundle: Bundle, *, cache: Path, opa: Binary, url: str, token: str = ""
) -> Iterator[PolicyEngine]:
    """``embedded`` (in this process), ``server`` (at ``url``), or ``referee`` (embedded, and a server of its own).

    ``opa`` is called for the referee alone. Raises :class:`BadInput` for another name.
    """
    if evaluator not in ("embedded", "server", "referee"):
        raise BadInput(f"{evaluator!r} is not an evaluator", remedy="Use embedded, server or referee")
    with ExitStack() as held:
        if evaluator == "server":
            yield _server(bundle, url, token, held)
            return
        from engine.adapters.opa.embedded import EmbeddedPolicyEngine

        embedded = held.enter_context(EmbeddedPolicyEngine(bundle, cache=cache))
        if evaluator == "embedded":
            yield embedded
            return
        from engine.adapters.opa.referee import RefereePolicyEngine
        from engine.adapters.opa.server_process import OpaServerProcess

        process = held.enter_context(OpaServerProcess(opa(), bundle))
        yield RefereePolicyEngine(embedded, _server(bundle, process.url, "", held))


def _server(bundle: Bundle, url: str, token: str, held: ExitStack) -> PolicyEngine:
    from engine.adapters.opa.server import OpaServerEngine

    return held.enter_context(OpaServerEngine(url, bundle.identity, token=token))
