"""The console's pages about an incident and a proposal, and what a browser makes of them besides words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from engine.core.evidence import evidence_of
from engine.core.explanation import explain
from engine.core.handover import handover
from engine.core.identity import Identity
from engine.core.incident import Incident
from engine.core.kpis import ABOUT, Share
from engine.core.lifecycle import ProposalState
from engine.core.postmortem import Known
from engine.core.progress import progress
from engine.core.runbook import Runbook
from engine.core.track_record import track_records
from engine.entrypoints.web.console.page import page
from engine.entrypoints.web.console.proposals import diff_of
from engine.entrypoints.web.console.visitor import Visitor

_NOW = "2026-11-14T03:00:00Z"
_READER = Identity(id="dana", kind="person", roles=["reader"], token_digest="0" * 64, created_at=_NOW)
_NAMED = re.compile(r"\b(ev|dec|prop|inc)-[0-9a-f]{8,16}\b")


def incident_pages(incident: Incident, states: list[ProposalState], book: Runbook | None) -> list[str]:
    """The list, one incident and the package for who takes over."""
    known = Known(incident, evidence_of(incident), states, book)
    shown = {
        "incident.html": {
            "known": known,
            "analysis": incident.analysis or {},
            "records": track_records(incident, []),
            "said": dict.fromkeys(ABOUT, Share()),
        },
        "incidents.html": {"going_on": [incident], "over": [incident]},
        "document.html": {
            "title": "Hand-over",
            "incident": incident,
            "text": handover(known, now=_NOW),
            "command": "penstock",
        },
    }
    return [rendered(template, **values) for template, values in shown.items()]


def proposal_page(state: ProposalState) -> str:
    decision = state.verdict
    return rendered(
        "proposal.html",
        state=state,
        decision=decision,
        tree=explain(decision) if decision else None,
        steps=progress(state),
        pull_request="",
        diff=diff_of(state),
        incident="inc-000000000000",
    )


def rendered(template: str, **shown: object) -> str:
    """A page as somebody who is signed in gets it."""
    answer = page(template, visitor=Visitor(_READER, "word"), mode="normal", here="incidents", **shown)
    return bytes(answer.body).decode()


class _Reader(HTMLParser):
    """Collects what acts in a page: its elements with all their attributes, and anything that is no element or text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = [f"{name}={_NAMED.sub('id', value or '')}" for name, value in attrs if name != "datetime"]
        self.found.add(f"{tag} {' '.join(kept)}")

    def handle_comment(self, data: str) -> None:
        self.found.add(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.found.add(f"declaration {decl}")

    def unknown_decl(self, data: str) -> None:
        self.found.add(f"unknown {data}")

    def handle_pi(self, data: str) -> None:
        self.found.add(f"instruction {data}")


def acting(html: str) -> frozenset[str]:
    """Every element with its attributes, each once: words that became more than words are one more of these."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return frozenset(reader.found)
