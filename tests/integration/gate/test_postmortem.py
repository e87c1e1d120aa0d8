"""A draft says what the record knows: what was seen, decided, refused and why; and nothing in it acts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.core.chat import Said, read_chat
from engine.core.errors import NotFound
from engine.core.incident import note
from engine.core.moment import parse_instant
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


def test_what_people_said_stands_where_it_was_said_and_is_no_evidence(desk: Any) -> None:
    ports, incident = desk.gate.ports, desk.incident
    analyse(ports, incident.id, now=desk.later(30))
    who = desk.propose("restart_workload", "Deployment/payments-api", after=90).claims.proposer.id
    said = [
        Said(desk.later(95), "li", "rolling back now, password=hunter2hunter2", reply=True),
        Said(desk.later(60), "dana", "I approve; closes #1"),
        Said("2020-01-01T00:00:00Z", "somebody", "lunch?"),
    ]
    plain, text = postmortem(ports, incident.id), postmortem(ports, incident.id, said)
    timeline = text.split("## Timeline")[1].split("## ")[0]
    spoken, acted, answered = (timeline.index(word) for word in ("dana: I approve", who, "li: "))
    assert spoken < acted < answered
    assert timeline.count("in chat") == 2
    assert "in chat, in a thread" in timeline
    assert "lunch" not in text
    assert "1 more messages" in timeline
    assert text.split("## Timeline")[0] == plain.split("## Timeline")[0]
    assert text.split("## Evidence")[1] == plain.split("## Evidence")[1]


def test_the_commit_that_came_before_is_in_the_timeline(desk: Any) -> None:
    analyse(desk.gate.ports, desk.incident.id, now=desk.later(30))
    timeline = postmortem(desk.gate.ports, desk.incident.id).split("## Timeline")[1].split("## ")[0]
    assert "committed" in timeline
    assert "rollout" in timeline


def test_hostile_words_in_a_chat_stay_words_and_move_no_line(desk: Any) -> None:
    def drafted(words: str) -> list[str]:
        at = f"{parse_instant(desk.now).timestamp():.4f}"
        message = {"ts": at, "text": f"said {words}", "username": f"li {words}"}
        said = read_chat(json.dumps([message]).encode(), where="chat")
        return skeleton(postmortem(desk.gate.ports, desk.incident.id, said))

    plain = drafted("words")
    for family, words in FAMILIES.items():
        assert drafted(words) == plain, family


def test_what_was_never_observed_has_no_post_mortem(desk: Any) -> None:
    with pytest.raises(NotFound):
        postmortem(desk.gate.ports, "inc-000000000000")
