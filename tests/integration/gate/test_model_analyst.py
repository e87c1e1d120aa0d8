"""A gate that is set up with a model asks it, records what came of it, and decides the same without it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.core.errors import BadInput
from engine.core.evidence import evidence_of
from engine.settings import Settings, read_settings
from engine.usecases.analyse import analyse
from engine.usecases.propose import dry_run
from tests.fakes.model.server import Answer, model_server

KEY = "not-to-be-seen-4711"


def said(desk: Any, lies: bool) -> Answer:
    piece = evidence_of(desk.incident)[0]
    quote = "no such words" if lies else piece.text[:40]
    claim = {"claim": "The release broke it.", "evidence": [piece.id], "quote": quote, "confidence": 0.9}
    return Answer({"summary": "A release broke it.", "hypotheses": [claim], "ranking": ["C"]})


def decided(desk: Any) -> tuple[str, list[str]]:
    """The outcome of rolling back, and the rules that spoke."""
    proposal = desk.proposal("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})
    decision = dry_run(desk.gate.ports, proposal, authenticated=True, now=desk.later(180)).decision
    return decision.outcome, sorted(v.rule for v in decision.violations)


@pytest.mark.parametrize("lies", [False, True], ids=["good", "lying"])
def test_what_the_model_said_is_recorded_and_moves_no_decision(settings: Settings, open_desk: Any, lies: bool) -> None:
    with model_server() as server:
        desk = open_desk(replace(settings, model_url=server.url, model="scripted", model_key=KEY))
        ports, before = desk.gate.ports, decided(desk)
        server.says(Answer({"complete": True, "missing": []}), said(desk, lies))
        analysis = analyse(ports, desk.incident.id, now=desk.later(120)).analysis
    assert analysis is not None
    assert analysis["analyst"] == ("signatures" if lies else "model")
    assert analysis["model"]["dropped"] == int(lies)
    (entry,) = desk.records("analysis")
    assert analysis["model"]["prompts"][0] in json.dumps(entry.body)
    assert KEY not in json.dumps([record.body for record in ports.ledger.export()])
    assert decided(desk) == before


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"MODEL": "m"}, "MODEL_URL"),
        ({"MODEL_URL": "https://models.example.com/v1"}, "MODEL"),
        ({"MODEL": "m", "MODEL_URL": "http://models.example.com/v1"}, "MODEL_URL"),
        ({"MODEL": "m", "MODEL_URL": "https://u:p@models.example.com/v1"}, "MODEL_URL"),
        ({"MODEL_SECONDS": "301"}, "MODEL_SECONDS"),
        ({"MODEL_TOKENS": "0"}, "MODEL_TOKENS"),
    ],
)
def test_a_model_that_is_set_by_half_or_asked_in_the_clear_is_refused(given: dict[str, str], named: str) -> None:
    with pytest.raises(BadInput, match=f"PENSTOCK_{named}"):
        read_settings({f"PENSTOCK_{name}": value for name, value in given.items()})
