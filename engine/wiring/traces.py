"""Where spans go: nowhere unless it is set, and then to any collector that speaks OTLP over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.core.errors import BadInput

if TYPE_CHECKING:
    from fastapi import FastAPI

    from engine.settings import Settings
    from engine.wiring import Gate


@contextmanager
def tracing(settings: Settings) -> Iterator[Any]:
    """What makes spans until the end of the block; ``None`` where no collector is set.

    Spans wait in memory, a bounded number, and are sent beside everything else: a collector that is down costs no
    decision anything. Raises :class:`BadInput` where the extra isn't installed.
    """
    if not settings.traces_url:
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        remedy = "pip install 'penstock[traces]'"
        raise BadInput("needs what isn't installed", where="PENSTOCK_TRACES_URL", remedy=remedy) from None
    provider = TracerProvider(resource=Resource({"service.name": "penstock"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.traces_url)))
    try:
        yield provider.get_tracer("penstock")
    finally:
        provider.shutdown()


def traced(gate: Gate, tracer: Any) -> Gate:
    """The same gate with spans around policy, ledger and forge; itself where nothing makes any."""
    if tracer is None:
        return gate
    from engine.adapters.tracing.spans import TracedForge, TracedLedger, TracedPolicyEngine

    ports: Any = gate.ports
    forge = TracedForge(ports.forge, tracer) if ports.forge is not None else None
    ledger = TracedLedger(ports.ledger, tracer)
    ports = replace(ports, policy=TracedPolicyEngine(ports.policy, tracer), ledger=ledger, forge=forge)
    return replace(gate, ports=ports)


def trace_intake(web: FastAPI, tracer: Any) -> None:
    """A span around each request that may change something."""
    if tracer is not None:
        from engine.adapters.tracing.spans import TracedIntake

        web.add_middleware(TracedIntake, tracer=tracer)
