"""What sources say of an incident can be cited, also after the next; a silent one is told of and hinders nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from engine.adapters.llm.signatures import SignatureAnalyst
from engine.core.errors import EvidenceUnavailable
from engine.usecases.analyse import analyse
from engine.usecases.situation import known_evidence


@dataclass
class Kept:
    """A source that keeps what it was asked."""

    name: str
    answer: Any
    asked: list[str] = field(default_factory=list)

    def ask(self, text: str, *, at: str) -> str:
        self.asked.append(text)
        if isinstance(self.answer, Exception):
            raise self.answer
        return str(self.answer)


@pytest.fixture
def analysing(desk: Any) -> Any:
    def analysed(*sources: Kept) -> tuple[Any, list[Any]]:
        ports = replace(desk.gate.ports, evidence=sources, analyst=SignatureAnalyst())
        incident = analyse(ports, desk.incident.id, now=desk.later(60))
        return incident, ports.ledger.run(lambda tx: known_evidence(tx, incident))

    return analysed


def test_without_a_model_the_runbooks_queries_are_answered_too_and_about_this_incident_alone(analysing: Any) -> None:
    metrics, logs = Kept("prometheus", "all: 7"), Kept("logs", "panic: password=hunter2secret")
    _, evidence = analysing(metrics, logs)
    queries = [*metrics.asked, *logs.asked]
    assert metrics.asked
    assert logs.asked
    assert all('namespace="payments"' in query and "payments-api" in query for query in queries)
    assert {("prometheus", "metric"), ("logs", "log")} <= {(piece.source, piece.kind) for piece in evidence}
    assert not any("hunter2secret" in piece.text for piece in evidence)


def test_what_was_gathered_once_can_still_be_cited_after_the_next_analysis(analysing: Any) -> None:
    _, first = analysing(Kept("prometheus", "all: 7"))
    _, second = analysing(Kept("prometheus", "all: 9"))
    assert {piece.id for piece in first} < {piece.id for piece in second}


def test_a_silent_source_is_told_of_and_is_no_evidence(analysing: Any) -> None:
    incident, evidence = analysing(Kept("prometheus", EvidenceUnavailable("it answered 503", where="prometheus")))
    assert incident.analysis is not None
    assert not any(piece.source == "prometheus" for piece in evidence)
    notes = [moment.text for moment in incident.timeline if "couldn't be had" in moment.text]
    assert notes
    assert all("it answered 503" in text for text in notes)


def test_cluster_and_git_answer_the_runbooks_queries_from_what_was_read_of_this_namespace(analysing: Any) -> None:
    incident, evidence = analysing()
    told = {(piece.source, piece.subject): piece.text for piece in evidence}
    rollouts = told["kubernetes", "Rollouts of the workload, newest first"]
    assert "ReplicaSet payments/payments-api-" in rollouts
    assert "2.9.0" in rollouts.splitlines()[0]
    commits = told["git", "Commits to the file that makes the workload"]
    assert "Release payments-api 2.9.0" in commits.splitlines()[0] or "2.9.0" in commits
    assert not any("/checkout" in text for (source, _), text in told.items() if source == "kubernetes")
    assert all("couldn't be had" not in moment.text for moment in incident.timeline)


class Twice(Kept):
    """Logs that said something else in the hour before the incident began."""

    def ask(self, text: str, *, at: str) -> str:
        super().ask(text, at=at)
        self.at = [*getattr(self, "at", []), at]
        if self.answer == "silent before" and len(self.at) % 2 == 0:
            raise EvidenceUnavailable("it answered 503", where="logs")
        return "error: retry 1\nfatal: unknown flag --currency" if len(self.at) % 2 else "error: retry 7"


@pytest.mark.parametrize(("answer", "marked"), [("", True), ("silent before", False)])
def test_logs_are_held_against_the_hour_before_the_incident_and_what_is_new_is_only_evidence(
    analysing: Any, desk: Any, answer: str, marked: bool
) -> None:
    logs = Twice("logs", answer)
    plain, _ = analysing()
    incident, evidence = analysing(logs)
    assert logs.at[:2] == [desk.later(60), desk.incident.first_seen]
    (text,) = [piece.text for piece in evidence if piece.source == "logs"]
    assert text.startswith("new: fatal: unknown flag") is marked
    assert ("new: " in text) is marked and "new: error: retry" not in text
    assert [o["action"] for o in incident.analysis["options"]] == [o["action"] for o in plain.analysis["options"]]
