"""Claims of a model, held against what was really observed: what nothing supports is dropped and counted.

A claim stands only if it cites evidence that exists, quotes words that one of the cited pieces holds, and names
nothing that the brief doesn't. A model that lies about its evidence can so only be silent, never convincing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.core.analysis import Hypothesis
from engine.core.untrusted import clean, one_line

CLAIM_LIMIT, QUOTE_LIMIT, MOST = 600, 300, 5

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:[/:@][\w.-]+)+|[A-Za-z][\w.]*(?:-[\w.]+)+|v?\d+\.\d+[\w.-]*")
_PROSE = re.compile(r"[A-Za-z]+(?:[-/][A-Za-z]+)?")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model says, what it says that it rests on, and how sure it says it is, from 0 to 1."""

    text: str
    evidence: tuple[str, ...]
    quote: str
    confidence: float


def supported(claims: Iterable[Claim], texts: Mapping[str, str], known: str) -> tuple[list[Hypothesis], int]:
    """At most five claims that stand, and how many were dropped.

    ``texts`` is the evidence by its id as the model was shown it, ``known`` all the text that a name may come from.
    """
    said = list(claims)
    found = [_hypothesis(claim) for claim in said if _stands(claim, texts, known)][:MOST]
    return found, len(said) - len(found)


def invented(text: str, known: str) -> list[str]:
    """The names of objects, images and versions in a text that ``known`` doesn't hold, in order."""
    lowered = known.lower()
    names = [found.rstrip(".:") for found in _NAME.findall(text)]
    return [name for name in names if not _PROSE.fullmatch(name) and name.lower() not in lowered]


def _stands(claim: Claim, texts: Mapping[str, str], known: str) -> bool:
    if not claim.evidence or any(cited not in texts for cited in claim.evidence):
        return False
    quote = _flat(claim.quote)
    if len(quote) < 3 or not any(quote in _flat(texts[cited]) for cited in claim.evidence):
        return False
    return bool(one_line(claim.text)) and not invented(claim.text, known)


def _flat(text: str) -> str:
    return " ".join(clean(text).split())


def _hypothesis(claim: Claim) -> Hypothesis:
    return Hypothesis(
        claim=one_line(claim.text, limit=CLAIM_LIMIT),
        evidence=list(dict.fromkeys(claim.evidence))[:20],
        quote=one_line(claim.quote, limit=QUOTE_LIMIT),
        confidence=min(1.0, max(0.0, claim.confidence)),
    )
