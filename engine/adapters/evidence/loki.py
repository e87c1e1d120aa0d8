"""Logs by the Loki HTTP API: the newest lines of the hour before an instant, in order of time."""

from __future__ import annotations

from engine.adapters.evidence.reading import Server, read, rows
from engine.core.moment import shift

HOUR_SECONDS = 3600
MOST_LINES = 5000


class LokiSource(Server):
    """Asks one server; ``url`` is where ``/loki/api/v1`` is."""

    name = "logs"

    def ask(self, text: str, *, at: str) -> str:
        """The lines. Raises :class:`~engine.core.errors.EvidenceUnavailable`."""
        span = {"start": shift(at, -HOUR_SECONDS), "end": at, "limit": str(MOST_LINES), "direction": "backward"}
        query = {"query": text, **span}
        data = read(self.name, f"{self._url}/loki/api/v1/query_range", query, self._token)
        found: list[tuple[str, str]] = []
        for row in rows(data, self.name):
            values = row.get("values")
            entries = values if isinstance(values, list) else []
            found += [(str(entry[0]), str(entry[1])) for entry in entries if isinstance(entry, list) and len(entry) > 1]
        return "\n".join(line for _, line in sorted(found))
