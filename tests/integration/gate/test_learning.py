"""What people accept of a post-mortem is proposed to the runbook, and decided by people: an example it has to know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.runbooks.examples import load_examples
from engine.adapters.runbooks.folder import load_runbooks
from engine.core.action.governance import learn
from engine.core.change.model import FileEdit
from engine.core.classification import RunbookIndex
from engine.core.explanation import as_lines, explain
from engine.core.incident import read_incident, resolve
from engine.core.lifecycle import ProposalState
from engine.core.proposal import check_proposal
from engine.entrypoints.cli.runbooks import _read
from engine.usecases.check_runbooks import check_runbooks
from engine.usecases.propose import propose
from engine.usecases.resume import advance
from engine.usecases.review import review
from engine.usecases.verify import verify
from tests.conftest import ROOT

PLACE = "ops/runbooks"
TUESDAY = 3 * 86_400 + 6 * 3600  # after the Saturday night of the recording, within the window for changes


@pytest.fixture
def desk_with_runbooks(desk: Any) -> Any:
    """Runbooks on the protected branch, and the recorded incident over."""
    ports = desk.gate.ports
    head = ports.repository.head("main")
    files = [
        p
        for name in ("crash-loop", "oom-kill", "config-missing")
        for p in (ROOT / "runbooks" / name).rglob("*")
        if p.is_file()
    ]
    edits = [FileEdit(f"{PLACE}/{p.relative_to(ROOT / 'runbooks')}", None, p.read_bytes()) for p in files]
    commit = ports.repository.commit(head, edits, message="Runbooks", author="a <a@example.com>", at=desk.now)
    ports.repository.move("refs/heads/main", head, commit)
    store(desk, resolve(desk.incident, at=desk.later(600), because="it is well again"))
    desk.gate = replace(desk.gate, ports=replace(ports, runbooks_place=PLACE))
    return desk


def store(desk: Any, incident: Any) -> None:
    document = incident.as_document()
    desk.gate.ports.ledger.run(
        lambda tx: tx.put("incidents", incident.id, document, status=incident.status, at=desk.now)
    )
    desk.incident = read_incident(document)


def placed(desk: Any, place: str) -> None:
    desk.gate = replace(desk.gate, ports=replace(desk.gate.ports, runbooks_place=place))


def lesson(
    desk: Any, name: str = "crash-loop", by: tuple[str, str] = ("alice", "person"), **named: Any
) -> ProposalState:
    action = learn("prod-eu", "payments", name, desk.incident.id, named.get("signals", []))
    claims = {"proposer": {"id": by[0], "kind": by[1]}, "action": action.model_dump(mode="json")}
    proposal, now = check_proposal(claims, where="test"), desk.later(TUESDAY + named.get("after", 0))
    ports = desk.gate.ports
    return advance(ports, propose(ports, proposal, authenticated=True, now=now), now=now)


def refused_by(state: ProposalState) -> str:
    verdict = state.verdict
    assert verdict is not None and state.status == "refused"
    return "\n".join(as_lines(explain(verdict)))


def novel(desk: Any, **fields: Any) -> None:
    store(desk, replace(desk.incident, incident_class="", **fields))


def test_an_accepted_lesson_waits_for_owner_and_platform_and_is_then_part_of_the_runbook(
    desk_with_runbooks: Any, tmp_path: Path
) -> None:
    desk, ports = desk_with_runbooks, desk_with_runbooks.gate.ports
    state = lesson(desk)
    assert (state.status, state.verdict and state.verdict.tier) == ("awaiting_approval", 3), state.verdict
    shown = ports.forge.get(state.pull_request)
    assert "Teach crash-loop what" in shown.body
    missing = {one.role for one in state.verdict.approvals.missing} if state.verdict else set()
    assert missing == {"team:team-payments", "team:team-platform"}
    for number, who in enumerate(("bob", "carol")):
        assert state.status == "awaiting_approval", state.verdict
        at = desk.later(TUESDAY + 60 + number)
        state = review(ports, state.id, reviewer=who, verdict="approved", note="", now=at)
    assert state.status == "verifying", state.verdict
    done, _ = verify(ports, state.id, now=desk.later(TUESDAY + 120))
    assert done.status == "succeeded"
    head = ports.repository.head("main")
    for path in ports.repository.paths(head, PLACE):
        file = tmp_path / "books" / path.removeprefix(f"{PLACE}/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(ports.repository.read(head, path))
    examples = load_examples(tmp_path / "books")
    learnt = [one for one in examples if one.source == "signals"]
    assert [one.name for one in learnt] == [f"match-{desk.incident.id}"]
    findings = check_runbooks(RunbookIndex(load_runbooks(tmp_path / "books")), learnt, _read)
    assert [one.holds for one in findings if "match-inc" in one.check] == [True]
    assert "was taught it before" in refused_by(lesson(desk, after=300))


def test_a_novel_incident_is_taught_by_the_signals_that_people_name(desk_with_runbooks: Any) -> None:
    desk, ports = desk_with_runbooks, desk_with_runbooks.gate.ports
    strange = [replace(signal, reason="Wobbling", message="") for signal in desk.incident.signals[:1]]
    novel(desk, exhibits=tuple(strange), window=(), kinds=(("kubernetes", "Wobbling"),), members=())
    assert "it would still be novel" in refused_by(lesson(desk))
    assert "no signal kubernetes/Rattling was kept" in refused_by(lesson(desk, signals=["kubernetes/Rattling"]))
    state = lesson(desk, signals=["kubernetes/Wobbling"], after=60)
    assert state.status == "awaiting_approval", state.verdict
    edits = {edit["path"]: edit for edit in (state.change or {})["edits"]}
    book = edits[f"{PLACE}/crash-loop/runbook.yaml"]
    added = set(book["after"].splitlines()) - set(book["before"].splitlines())
    assert any("Wobbling" in line for line in added) and len(added) <= 4
    assert ports.forge.get(state.pull_request) is not None


def test_a_lesson_is_for_people_alone(desk_with_runbooks: Any) -> None:
    said = refused_by(lesson(desk_with_runbooks, by=("agent:triage", "agent")))
    assert "may not propose learn_incident" in said
    assert desk_with_runbooks.branches() == []


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda desk: store(desk, replace(desk.incident, status="open")), "isn't over"),
        (lambda desk: store(desk, replace(desk.incident, incident_class="oom-kill")), "was of class oom-kill"),
        (lambda desk: placed(desk, ""), "don't live"),
        (lambda desk: placed(desk, "x"), "no such file"),
    ],
)
def test_what_can_not_be_taught_is_refused_with_its_reason(desk_with_runbooks: Any, spoilt: Any, said: str) -> None:
    spoilt(desk_with_runbooks)
    state = lesson(desk_with_runbooks)
    assert state.status == "refused" and desk_with_runbooks.branches() == []
    assert said in refused_by(state)
