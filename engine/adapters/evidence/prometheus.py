"""Metrics by the Prometheus HTTP API: an instant query, told as one line a series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.adapters.evidence.reading import SECONDS, Server, read, rows

MOST_SERIES = 40


class PrometheusSource(Server):
    """Asks one server; ``url`` is where ``/api/v1`` is."""

    name = "prometheus"

    def ask(self, text: str, *, at: str) -> str:
        """Each series with its value at an instant. Raises :class:`~engine.core.errors.EvidenceUnavailable`."""
        bounds = {"timeout": f"{SECONDS:g}s", "limit": str(MOST_SERIES + 1)}
        data = read(self.name, f"{self._url}/api/v1/query", {"query": text, "time": at, **bounds}, self._token)
        if data.get("resultType") == "scalar":
            return _line({"value": data.get("result")})
        found = rows(data, self.name)
        lines = [_line(row) for row in found[:MOST_SERIES]]
        left = len(found) - len(lines)
        return "\n".join(lines + ([f"… and {left} more series"] if left else []))


def _line(row: Mapping[str, Any]) -> str:
    labels, value = row.get("metric"), row.get("value")
    named = ", ".join(f"{key}={said}" for key, said in sorted(labels.items())) if isinstance(labels, dict) else ""
    said = str(value[1]) if isinstance(value, list) and len(value) == 2 else "no value"
    return f"{named or 'all'}: {said}"
