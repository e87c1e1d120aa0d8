"""Questions are answered, and can't be used to fill the record."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import TooManyQuestions
from engine.core.moment import shift
from engine.usecases.admit_question import HOUR_SECONDS, MOST_AN_HOUR, admit_question
from tests.fakes.ledger import MemoryLedger

AT = "2026-11-14T03:12:00Z"
QUESTION = {
    "proposer": {"id": "agent:triage", "kind": "agent"},
    "action": {
        "kind": "restart_workload",
        "target": {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"},
    },
}


def test_the_hour_s_questions_are_answered_and_one_more_is_not() -> None:
    ledger = MemoryLedger()
    for _ in range(MOST_AN_HOUR):
        admit_question(ledger, "agent:triage", now=AT)
    with pytest.raises(TooManyQuestions, match="Ask again in 1 seconds"):
        admit_question(ledger, "agent:triage", now=shift(AT, HOUR_SECONDS - 1))
    admit_question(ledger, "agent:other", now=AT)
    admit_question(ledger, "agent:triage", now=shift(AT, HOUR_SECONDS))


def test_a_question_too_many_is_refused_with_its_reason_and_leaves_no_record(http: Any, desk: Any) -> None:
    assert http.call("POST", "/v1/decisions", json=QUESTION).status_code == 200
    ledger = desk.gate.ports.ledger
    counted = ledger.run(lambda tx: tx.find("questions", "agent:triage"))
    full = {**counted, "count": MOST_AN_HOUR}
    ledger.run(lambda tx: tx.put("questions", "agent:triage", full, at=counted["since"]))
    before = len(list(ledger.export()))
    answer = http.call("POST", "/v1/decisions", json=QUESTION)
    assert (answer.status_code, answer.json()["reason"]) == (429, "too_many_questions")
    assert len(list(ledger.export())) == before
