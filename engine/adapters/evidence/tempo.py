"""Traces by the Tempo HTTP API: those of the hour before an instant that a TraceQL expression finds, one a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.adapters.evidence.reading import Server, read_document, rows
from engine.core.moment import parse_instant, shift

HOUR_SECONDS = 3600
MOST_TRACES = 20


class TempoSource(Server):
    """Asks one server; ``url`` is where ``/api/search`` is."""

    name = "traces"

    def ask(self, text: str, *, at: str) -> str:
        """Each trace with its root and what it took. Raises :class:`~engine.core.errors.EvidenceUnavailable`."""
        span = {"start": _seconds(shift(at, -HOUR_SECONDS)), "end": _seconds(at), "limit": str(MOST_TRACES)}
        answer = read_document(self.name, f"{self._url}/api/search", {"q": text, **span}, self._token)
        found = rows({"result": answer.get("traces") or []}, self.name)
        return "\n".join(_line(trace) for trace in found[:MOST_TRACES])


def _seconds(instant: str) -> str:
    return str(int(parse_instant(instant).timestamp()))


def _line(trace: Mapping[str, Any]) -> str:
    root = f"{trace.get('rootServiceName', 'no service')} {trace.get('rootTraceName', 'no name')}"
    return f"{root}: {trace.get('durationMs', 0)} ms, trace {trace.get('traceID', 'without id')}"
