"""The analyst that needs no model: the runbook's signature, what changed before, and what the evidence says.

It claims only what a rule can show, and says so in the responder's order: what was seen, what changed, what the
runbook knows of it, which ways there are. A model may write better; it may not offer more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from engine.core.analysis import Analysis, Hypothesis, Option, Withheld
from engine.core.brief import Brief, BriefChange, BriefEvidence, read_brief
from engine.core.errors import EvidenceUnavailable
from engine.core.moment import seconds_between
from engine.core.options import offer
from engine.core.untrusted import one_line
from engine.ports import Gather

NAME = "signatures"

_TELLING = re.compile(r"(?i)\b(fatal|panic|exception|error|denied|refus|fail|not found|no such|out of memory)")
_GRAVEST = re.compile(r"(?i)\b(fatal|panic|out of memory)")
_CITED = 5


class SignatureAnalyst:
    """Answers a brief from the runbook alone; the same brief always gives the same analysis."""

    def analyse(self, brief: dict[str, Any], gather: Gather | None = None) -> dict[str, Any]:
        """The analysis of a brief as plain JSON values. Raises pydantic's ``ValidationError`` for no brief."""
        known = read_brief(brief)
        if gather is not None:
            _have_gathered(known, gather)
        offered = offer(known)
        hypotheses = [
            h for h in (_change(known), _nearby(known), _signature(known), _last_words(known), _place(known)) if h
        ]
        analysis = Analysis(
            incident=known.incident.id,
            analyst=NAME,
            at=known.at,
            summary=_summary(known, offered.options),
            hypotheses=hypotheses,
            options=offered.options,
            withheld=[Withheld(title=w.title, because=w.because) for w in offered.withheld],
        )
        return analysis.model_dump(mode="json")


def _have_gathered(brief: Brief, gather: Gather) -> None:
    """Every query of the runbook, for whoever cites what it says; the analysis itself rests on what was known."""
    for query in brief.runbook.evidence if brief.runbook else ():
        with suppress(EvidenceUnavailable):
            gather(query.id)


def _summary(brief: Brief, options: Sequence[Option]) -> str:
    incident = brief.incident
    root = incident.root
    where = f"{root.kind} {root.name}" + (f" in {root.namespace}" if root.namespace else "")
    seen = f"{incident.occurrences} signals of {len(incident.kinds)} kinds since {incident.first_seen}"
    if brief.runbook is None:
        why = f"{' and '.join(incident.candidates)} fit equally well" if incident.candidates else "no runbook fits"
        return f"{where}: novel, because {why} ({seen}). Hand it to senior people."
    said = [f"{where}: {brief.runbook.title.lower()} ({seen})."]
    if brief.changes:
        said.append(f"{_ago(brief.changes[0], brief)} before, {one_line(brief.changes[0].text)}.")
    said.append(f"First choice: {options[0].title.lower()}.")
    return " ".join(said)


def _change(brief: Brief) -> Hypothesis | None:
    """A change shortly before is the likeliest cause there is, and the cheapest to undo."""
    change = next((c for c in brief.changes if c.kind in ("image", "config")), None) or next(iter(brief.changes), None)
    if change is None:
        return None
    same = [c.evidence for c in brief.changes if c.evidence != change.evidence and abs(_gap(c, change)) <= 300]
    what = {"image": "the new image", "config": "the new pod template"}.get(change.kind, "the change")
    claim = f"It began {_ago(change, brief)} after a change, so {what} is the likeliest cause: {one_line(change.text)}."
    cited = [change.evidence, *same, *(piece.id for piece in _symptoms(brief)[:2])]
    return Hypothesis(claim=claim, evidence=list(dict.fromkeys(cited))[:_CITED])


def _nearby(brief: Brief) -> Hypothesis | None:
    """Where nothing of its own changed, what it calls may have: the second place that a responder looks at."""
    if brief.changes or not brief.nearby:
        return None
    change = brief.nearby[0]
    told = f"{_ago(change, brief)} before something that it calls did: {one_line(change.text)}"
    claim = f"Nothing of its own changed, but {told}."
    return Hypothesis(claim=claim, evidence=[c.evidence for c in brief.nearby[:_CITED]])


def _signature(brief: Brief) -> Hypothesis | None:
    cited = [piece.id for piece in _symptoms(brief)[:_CITED]]
    if not cited:
        return None
    if brief.runbook is None:
        return Hypothesis(claim="These signals are of no known class, or of more than one.", evidence=cited)
    return Hypothesis(claim=f"The signals fit the class {brief.runbook.id}: {brief.runbook.summary}", evidence=cited)


def _last_words(brief: Brief) -> Hypothesis | None:
    """The most telling line of a log, quoted as data."""
    for pattern in (_GRAVEST, _TELLING):
        for piece in brief.evidence:
            lines = [line for line in piece.text.splitlines() if pattern.search(line)]
            if piece.kind == "log" and lines:
                claim = "The container says itself why it ended; its last telling line is quoted."
                return Hypothesis(claim=claim, evidence=[piece.id], quote=one_line(lines[-1], limit=300))
    return None


def _place(brief: Brief) -> Hypothesis | None:
    cited = [piece.id for piece in _symptoms(brief)[:_CITED]]
    if not cited or not {"single_node", "node_unhealthy"} & set(brief.flags):
        return None
    if "node_unhealthy" in brief.flags:
        claim = "A node that these pods depend on is itself unwell, so the workload may only suffer from it."
    else:
        claim = "All the pods that are in trouble run on one node, so the node may be the cause."
    return Hypothesis(claim=claim, evidence=cited)


def _symptoms(brief: Brief) -> list[BriefEvidence]:
    """One of each kind of evidence first, so that a claim rests on more than one leg."""
    pieces = [piece for piece in brief.evidence if piece.kind != "change" or piece.source == "drift"]
    firsts = {(piece.source, piece.kind): piece for piece in reversed(pieces)}
    leading = sorted(firsts.values(), key=pieces.index)
    return [*leading, *(piece for piece in pieces if piece not in leading)]


def _ago(change: BriefChange, brief: Brief) -> str:
    seconds = max(0, seconds_between(change.at, brief.incident.first_seen))
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"


def _gap(one: BriefChange, other: BriefChange) -> int:
    return seconds_between(one.at, other.at)
