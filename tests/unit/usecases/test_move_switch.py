"""The kill switch moves only with a name, a reason and a record."""

from __future__ import annotations

import pytest

from engine.core.errors import BadInput
from engine.usecases.move_switch import move_switch, read_switch
from tests.fakes.ledger import MemoryLedger

AT, LATER = "2026-11-14T03:12:00Z", "2026-11-14T03:20:00Z"


def test_a_switch_nobody_has_moved_is_normal() -> None:
    position = read_switch(MemoryLedger())
    assert (position.mode, position.by, position.reason, position.at) == ("normal", "", "", "")


def test_moving_it_is_recorded_with_who_and_why_and_from_where() -> None:
    ledger = MemoryLedger()
    move_switch(ledger, "frozen", by="ada", reason=" incident 42 ", at=AT)
    record = move_switch(ledger, "normal", by="grace", reason="all clear", at=LATER)
    assert record.body == {"from": "frozen", "to": "normal", "by": "grace", "reason": "all clear"}
    assert [r.body["to"] for r in ledger.export()] == ["frozen", "normal"]
    position = read_switch(ledger)
    assert (position.mode, position.by, position.reason, position.at) == ("normal", "grace", "all clear", LATER)


def test_a_second_reason_to_freeze_is_recorded_too() -> None:
    ledger = MemoryLedger()
    for by in ("ada", "grace"):
        move_switch(ledger, "frozen", by=by, reason="stop", at=AT)
    assert [r.body["by"] for r in ledger.export()] == ["ada", "grace"]


@pytest.mark.parametrize(
    ("mode", "by", "reason"),
    [
        ("frozen", "ada", ""),
        ("frozen", "ada", "  \n"),
        ("frozen", "ada", "x" * 501),
        ("frozen", " ", "why"),
        ("off", "ada", "why"),
    ],
    ids=["no reason", "blank reason", "a novel", "nobody", "no such mode"],
)
def test_without_a_name_a_reason_or_a_mode_nothing_moves(mode: str, by: str, reason: str) -> None:
    ledger = MemoryLedger()
    with pytest.raises(BadInput):
        move_switch(ledger, mode, by=by, reason=reason, at=AT)
    assert read_switch(ledger).mode == "normal"
    assert list(ledger.export()) == []


def test_a_switch_that_stands_nowhere_can_still_be_frozen() -> None:
    ledger = MemoryLedger()
    ledger.run(lambda tx: setattr(tx._state, "mode", "of"))  # type: ignore[attr-defined]
    assert move_switch(ledger, "frozen", by="ada", reason="unknown", at=AT).body["from"] == "unknown"
    assert read_switch(ledger).mode == "frozen"
