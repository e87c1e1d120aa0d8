"""A draft says what the record knows: what was seen, decided, refused and why; and nothing in it acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.errors import NotFound
from engine.core.incident import note
from engine.usecases.analyse import analyse
from engine.usecases.postmortem import postmortem
from tests.integration.gate.hostile_words import FAMILIES
from tests.integration.gate.test_non_interference import skeleton


def test_the_draft_tells_the_night_from_the_record(desk: Any) -> None:
    ports = desk.gate.ports
    analyse(ports, desk.incident.id, now=desk.later(30))
    rolled = desk.propose("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})
    refused = desk.propose("delete_resource", "Deployment/payments-api", after=90)
    before = len(desk.records())
    text = postmortem(ports, desk.incident.id)
    for title in ("Timeline", "Evidence", "Options that there were", "What was decided", "What was refused, and why"):
        assert f"## {title}\n" in text
    decided, rest = text.split("## What was decided")[1].split("## What was refused, and why")
    assert (rolled.id in decided, refused.id in decided) == (True, False)
    assert refused.id in rest
    assert all(violation.rule in rest for violation in refused.verdict.violations)
    assert all(piece in text for piece in desk.evidence)
    assert "Do nothing and watch" in text
    assert "*(to be said by people)*" in text
    assert postmortem(ports, desk.incident.id) == text
    assert len(desk.records()) == before


def test_hostile_words_stay_words_in_a_draft(desk: Any) -> None:
    def drafted(words: str) -> list[str]:
        incident = note(desk.incident, desk.now, "note", words)
        incident = replace(incident, commander=f"dana {words}"[:150])
        document = incident.as_document()
        desk.gate.ports.ledger.run(lambda tx: tx.put("incidents", incident.id, document, status="open", at=desk.now))
        return skeleton(postmortem(desk.gate.ports, incident.id))

    plain = drafted("words")
    for family, words in FAMILIES.items():
        assert drafted(words) == plain, family


def test_what_was_never_observed_has_no_post_mortem(desk: Any) -> None:
    with pytest.raises(NotFound):
        postmortem(desk.gate.ports, "inc-000000000000")
