"""Spans around what a proposal passes: intake, decision, record and pull request.

They say how long each took and how it ended, in the gate's own words. No object, person or text from outside is in one:
traces go to a service that many read, and what happened is in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import context
from opentelemetry.propagate import extract
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import PenstockError
from engine.ports import Forge, Ledger, PolicyEngine, Result, Transaction

_TOLD = ("open", "rewrite", "comment", "report", "merge", "close", "review", "get", "find")


@contextmanager
def span(tracer: Tracer, name: str, parent: context.Context | None = None, **options: Any) -> Iterator[Span]:
    """A span that says by its reason how an error ended it, and nothing of what that error says."""
    quiet: Any = {"record_exception": False, "set_status_on_exception": False}
    with tracer.start_as_current_span(name, context=parent, **quiet, **options) as begun:
        try:
            yield begun
        except PenstockError as error:
            begun.set_status(Status(StatusCode.ERROR, error.reason))
            raise
        except Exception:
            begun.set_status(Status(StatusCode.ERROR, "internal_error"))
            raise


class TracedPolicyEngine:
    """Implements :class:`engine.ports.PolicyEngine` by ``inner``."""

    def __init__(self, inner: PolicyEngine, tracer: Tracer) -> None:
        self.inner = inner
        self._tracer = tracer

    def decide(self, document: bytes) -> Verdict:
        """The verdict of the inner engine."""
        with span(self._tracer, "decide") as begun:
            verdict = self.inner.decide(document)
            begun.set_attributes({"penstock.outcome": verdict.outcome, "penstock.tier": verdict.tier})
            return verdict

    def identity(self) -> PolicyIdentity:
        """Which policy answers now."""
        return self.inner.identity()

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of policy data."""
        return self.inner.data(topic)


class TracedLedger:
    """A :class:`engine.ports.Ledger` by ``inner``, whose units know the span that they were asked in.

    A unit is run by the ledger's own thread, so the span has to be carried there.
    """

    def __init__(self, inner: Ledger, tracer: Tracer) -> None:
        self.inner = inner
        self._tracer = tracer

    def run(self, unit: Callable[[Transaction], Result]) -> Result:
        """Run one unit, and be over when it is durable."""
        with span(self._tracer, "record"):
            here = context.get_current()

            def within(tx: Transaction) -> Result:
                token = context.attach(here)
                try:
                    return unit(tx)
                finally:
                    context.detach(token)

            return self.inner.run(within)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class TracedForge:
    """A :class:`engine.ports.Forge` by ``inner``: a span for each thing that is asked of it."""

    def __init__(self, inner: Forge, tracer: Tracer) -> None:
        self.inner = inner
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name not in _TOLD:
            return found

        def told(*arguments: Any, **named: Any) -> Any:
            with span(self._tracer, f"pull request: {name}", kind=SpanKind.CLIENT):
                return found(*arguments, **named)

        return told


class TracedIntake:
    """An ASGI app whose requests are spans; one that says which trace it belongs to goes on with that."""

    def __init__(self, app: Any, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand the request on. Of its path only the first two parts are told: what follows names something."""
        if scope["type"] != "http" or scope["method"] == "GET":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        place = "/".join(scope["path"].split("/")[:3])
        with span(self._tracer, f"intake: {place}", extract(headers), kind=SpanKind.SERVER) as begun:

            async def answered(message: Any) -> None:
                if message["type"] == "http.response.start":
                    begun.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, answered)
