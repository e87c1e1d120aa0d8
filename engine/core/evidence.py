"""Evidence: a piece of what was observed, with an id that claims can cite.

The id is a digest of the content, so a claim can't cite something that was never seen, and what it cites can't
change afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.core import canonical


@dataclass(frozen=True, slots=True)
class Evidence:
    """One citable observation; ``text`` is untrusted, ``kind`` says which field of which source it came from."""

    source: str
    kind: str  # event, log, status, change, vulnerability, metric
    subject: str
    text: str
    at: str

    @property
    def id(self) -> str:
        """``ev-`` and twelve hex digits of the content's digest."""
        return "ev-" + canonical.digest([self.source, self.kind, self.subject, self.text, self.at])[7:19]
