"""Gather evidence while an analyst thinks: the runbook's own queries, with the incident's own names in them.

1. A query is chosen by its id; its text is the runbook's, and its parameters are what the incident settles.
2. What a source answers is somebody else's text: without secrets, reduced to what is said, cut to a bound.
3. What was gathered gets an id like any evidence, so that a claim can cite it and nobody can make it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.core.brief import Brief, BriefEvidence
from engine.core.errors import EvidenceUnavailable
from engine.core.evidence import Evidence
from engine.core.evidence_query import EvidenceQuery
from engine.core.log_templates import reduced
from engine.core.query_values import rendered_queries
from engine.core.redaction import redact_text
from engine.core.untrusted import clean
from engine.ports import EvidenceSource
from engine.usecases.answer_at_hand import Answers

_KINDS = {"logs": "log", "prometheus": "metric", "traces": "trace", "kubernetes": "status", "git": "change"}


class _NotSetUp(EvidenceUnavailable):
    """Nobody answers such queries here; that is how the gate was set up, and nothing that happened."""


@dataclass
class Gathering:
    """What one analysis asked for; ``at_hand`` is what cluster and Git have answered already.

    ``pieces`` grow as ``gather`` is called; ``silent`` says which source gave none.
    """

    brief: Brief
    sources: Sequence[EvidenceSource]
    at_hand: Answers = field(default_factory=dict)
    pieces: list[Evidence] = field(default_factory=list)
    silent: dict[str, str] = field(default_factory=dict)

    def gather(self, query_id: str) -> dict[str, Any]:
        """One more piece, as a document with its id. Raises :class:`EvidenceUnavailable`."""
        query, text = self._rendered(query_id)
        try:
            said = self._asked(query, text, at=self.brief.at)
        except _NotSetUp:
            raise
        except EvidenceUnavailable as error:
            self.silent[query_id] = str(error)
            raise
        told = self._held_against_before(query, text, said) if query.source == "logs" else redact_text(said)
        body = clean(told) or "nothing"
        piece = Evidence(query.source, _KINDS[query.source], query.title, body, self.brief.at)
        if piece not in self.pieces:
            self.pieces.append(piece)
        return {"id": piece.id, **asdict(piece)}

    def _asked(self, query: EvidenceQuery, text: str, *, at: str) -> str:
        at_hand = self.at_hand.get(query.id)
        if isinstance(at_hand, EvidenceUnavailable):
            raise at_hand
        if at_hand is not None:
            return at_hand
        source = next((one for one in self.sources if one.name == query.source), None)
        if source is None:
            raise _NotSetUp(f"no source of {query.source} is set up", where=query.id)
        return source.ask(text, at=at)

    def _held_against_before(self, query: EvidenceQuery, text: str, said: str) -> str:
        """Logs as templates, with what is new or far more frequent than in the hour before the incident began.

        Where that hour can't be had, nothing is called new.
        """
        try:
            before = self._asked(query, text, at=self.brief.incident.first_seen)
        except EvidenceUnavailable:
            return reduced(redact_text(said))
        return reduced(redact_text(said), redact_text(before))

    def whole(self) -> Brief:
        """The brief with what was gathered."""
        more = [BriefEvidence(id=piece.id, **asdict(piece)) for piece in self.pieces]
        return self.brief.model_copy(update={"evidence": [*self.brief.evidence, *more]})

    def _rendered(self, query_id: str) -> Any:
        found = rendered_queries(self.brief).get(query_id)
        if found is None:
            raise EvidenceUnavailable("the runbook has no such query for this incident", where=query_id[:60])
        return found
