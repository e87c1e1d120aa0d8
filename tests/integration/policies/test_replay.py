"""Replay: the recorded policy answers as recorded, and a candidate's differences are all found and named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.adapters.opa.change_note import read_change_note
from engine.core.budget import Reservation
from engine.core.errors import BadInput, UnfitBundle
from engine.ports import Transaction
from engine.usecases.audit import export_line, read_export
from engine.usecases.replay import Report, past_decisions, replay, summarise
from tests.conftest import ROOT, Desk

LIMIT = "automatic_fixes: {limit: 5}"


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """The shipped policies, in a folder that a test may edit."""
    return Path(shutil.copytree(ROOT / "policies", tmp_path / "candidate"))


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Five automatic fixes in the hour, so that a restart is refused, and a rollback that waits later on."""
    at, until = desk.now, desk.later(7200)
    for number in range(5):
        fix = Reservation("automatic_fixes", "prod-eu/payments", 1, f"dec-{number}", at, until)
        desk.gate.ports.ledger.run(partial(_spend, fix))
    desk.propose("restart_workload", "Deployment/payments-api")
    desk.propose("rollback_workload", "Deployment/payments-api", after=2600, params={"to_revision": "previous"})
    return desk


def _spend(fix: Reservation, tx: Transaction) -> None:
    tx.reserve(fix)


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def replayed(desk: Desk, candidate: Path, held: ExitStack, records: Any = None, since: str = "") -> Report:
    settings = desk.gate.settings
    engine = held.enter_context(wiring.candidate_policy(settings, candidate))
    chain = desk.gate.ports.ledger.export() if records is None else records
    pasts = past_decisions(chain, since=since)
    return summarise(replay(pasts, wiring.kept_policies(settings, held), engine), read_change_note(candidate))


def loosen(candidate: Path, limit: str = "automatic_fixes: {limit: 50}") -> None:
    file = candidate / "rego" / "gate" / "data" / "rates" / "data.yaml"
    text = file.read_text()
    assert LIMIT in text
    file.write_text(text.replace(LIMIT, limit))


def test_the_policy_in_force_answers_as_it_did(busy: Desk, candidate: Path, held: ExitStack) -> None:
    report = replayed(busy, candidate, held)
    assert report.replayed == len(busy.records("decision"))
    assert (report.reproduced, report.groups, report.holds) == (report.replayed, {}, True)


def test_a_loosened_limit_names_what_it_lets_through(busy: Desk, candidate: Path, held: ExitStack) -> None:
    loosen(candidate)
    report = replayed(busy, candidate, held)
    allows = [group for group in report.groups.values() if group.flip.direction == "new allow"]
    assert [group.flip.lost for group in allows] == [("rate/hourly_limit",)]
    assert allows[0].flip.place.kind == "restart_workload"
    assert not report.holds
    refused = [r for r in busy.records("decision") if r.body["decision"]["outcome"] == "deny"]
    assert allows[0].examples[0]["decision"] == refused[0].subject


def test_a_tightened_limit_is_no_new_allow(desk: Desk, candidate: Path, held: ExitStack) -> None:
    desk.propose("restart_workload", "Deployment/payments-api")
    loosen(candidate, "automatic_fixes: {limit: 0}")
    report = replayed(desk, candidate, held)
    assert {group.flip.direction for group in report.groups.values()} == {"stricter"}
    assert report.holds


def test_a_change_note_owns_up_to_a_new_allow(busy: Desk, candidate: Path, held: ExitStack) -> None:
    loosen(candidate)
    note = candidate / "change-note.yaml"
    note.write_text("acknowledged:\n  - because: the fleet grew\n    rule: rate/hourly_limit\n")
    report = replayed(busy, candidate, held)
    assert report.holds
    assert [group.acknowledged for group in report.groups.values()] == ["the fleet grew"]
    note.write_text("acknowledged:\n  - because: another thing\n    rule: rate/cooldown\n")
    assert not replayed(busy, candidate, held).holds


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("acknowledged:\n  - because: all of it\n", "speaks of every flip"),
        ("acknowledged:\n  - rule: rate/cooldown\n", "because of what"),
        ("acknowledged:\n  - because: x\n    rul: rate/cooldown\n", "unknown field 'rul'"),
        ("acknowledged: everything\n", "no list"),
        ("acknowledged:\n  - everything\n", "not a set of words"),
    ],
)
def test_a_change_note_that_says_too_little_is_refused(candidate: Path, note: str, said: str) -> None:
    (candidate / "change-note.yaml").write_text(note)
    with pytest.raises(BadInput) as refusal:
        read_change_note(candidate)
    assert said in str(refusal.value)


def test_a_policy_that_is_not_kept_is_said_and_fails(busy: Desk, candidate: Path, held: ExitStack) -> None:
    settings = busy.gate.settings
    shutil.rmtree(wiring.policy_archive(settings))
    moved = replace(settings, cache=settings.state / "empty-cache")
    pasts = past_decisions(busy.gate.ports.ledger.export())
    engine = held.enter_context(wiring.candidate_policy(settings, candidate))
    report = summarise(replay(pasts, wiring.kept_policies(moved, held), engine), [])
    assert report.reproduced == 0
    assert not report.holds
    assert "is not kept here" in report.unlike[0]["why"]


def test_a_kept_policy_that_was_tampered_with_is_not_believed(busy: Desk, candidate: Path, held: ExitStack) -> None:
    kept = next(wiring.policy_archive(busy.gate.settings).iterdir())
    (kept / "data.json").write_bytes(b"{}")
    with pytest.raises(UnfitBundle):
        replayed(busy, candidate, held)


def test_an_input_that_was_changed_is_not_replayed(busy: Desk, candidate: Path, held: ExitStack) -> None:
    records = [
        replace(r, body={**r.body, "switch": {"mode": "frozen"}}) if r.kind == "input" else r
        for r in busy.gate.ports.ledger.export()
    ]
    report = replayed(busy, candidate, held, records)
    assert report.reproduced == 0
    assert "not the one that was decided on" in report.unlike[0]["why"]


def test_an_export_replays_like_the_ledger_and_from_an_instant_on(
    busy: Desk, candidate: Path, held: ExitStack, tmp_path: Path
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_bytes(b"".join(export_line(record) for record in busy.gate.ports.ledger.export()))
    late = busy.later(2000)
    report = replayed(busy, candidate, held, read_export(file.read_bytes().splitlines(True), where="x"), since=late)
    expected = [r for r in busy.records("decision") if r.at >= late]
    assert 0 < report.replayed == len(expected) < len(busy.records("decision"))
