"""Honest programs can't change the record, and what a dishonest one changed shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.store.ledger import SqlLedger, open_ledger
from engine.core.errors import TamperedRecord
from engine.core.record import Entry, link
from engine.usecases.audit import Anchor, verify

AT = "2026-11-14T03:12:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "penstock.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqlLedger]:
    with open_ledger(f"sqlite:///{path}") as opened:
        for number in range(1, 6):
            opened.run(lambda tx, n=number: tx.append(Entry("decision", f"dec-{n}", {"n": n}), at=AT))  # type: ignore[misc]
        yield opened


def attack(path: Path, *statements: str) -> None:
    """As somebody with the file: without the triggers, and with every check off."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for trigger in ("records_no_update", "records_no_delete", "records_in_order"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET body = '{}' WHERE sequence = 3",
        "UPDATE records SET at = at",
        "DELETE FROM records WHERE sequence = 5",
        "DELETE FROM records",
        "INSERT OR REPLACE INTO records SELECT sequence, at, kind, subject, '{}', previous, digest FROM records "
        "WHERE sequence = 3",
        "INSERT INTO records SELECT 7, at, kind, subject, body, digest, digest FROM records WHERE sequence = 5",
        "INSERT INTO records SELECT 6, at, kind, subject, body, previous, digest FROM records WHERE sequence = 5",
    ],
    ids=["update", "touch", "delete the last", "delete all", "replace", "leave a gap", "follow another"],
)
def test_the_database_refuses_to_change_the_record(ledger: SqlLedger, path: Path, statement: str) -> None:
    before = list(ledger.export())
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="record"):
        connection.execute(statement)
    assert list(ledger.export()) == before


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("UPDATE records SET body = '{\"n\":9}' WHERE sequence = 3", 3),
        ("UPDATE records SET body = 'gone' WHERE sequence = 3", 3),
        ("UPDATE records SET body = '{\"n\":1e400}' WHERE sequence = 3", 3),
        ("UPDATE records SET subject = 'other' WHERE sequence = 1", 1),
        ("DELETE FROM records WHERE sequence = 2", 2),
        ("DELETE FROM records WHERE sequence = 1", 1),
    ],
)
def test_a_change_behind_the_triggers_shows_where_it_was_made(
    ledger: SqlLedger, path: Path, statement: str, position: int
) -> None:
    attack(path, statement)
    found = verify(ledger.export())
    assert not found.holds
    assert found.broken is not None
    assert found.broken.position == position


def test_a_tail_cut_off_shows_against_the_tips_in_git(ledger: SqlLedger, path: Path) -> None:
    fourth = list(ledger.export())[3]
    attack(path, "DELETE FROM records WHERE sequence > 3")
    assert verify(ledger.export()).holds
    found = verify(ledger.export(), [Anchor(4, fourth.digest, "c0ffee")])
    assert not found.holds
    assert found.missing == (Anchor(4, fourth.digest, "c0ffee"),)


def test_a_record_written_anew_from_the_middle_shows_against_the_tips_in_git(ledger: SqlLedger, path: Path) -> None:
    records = list(ledger.export())
    anchor = Anchor(4, records[3].digest, "c0ffee")
    previous, statements = records[1].digest, ["DELETE FROM records WHERE sequence > 2"]
    for number in (3, 4, 5):
        forged = link(number, AT, Entry("decision", f"dec-{number}", {}), previous)
        statements.append(
            f"INSERT INTO records VALUES ({number}, '{AT}', 'decision', 'dec-{number}', '{{}}', "
            f"'{previous}', '{forged.digest}')"
        )
        previous = forged.digest
    attack(path, *statements)
    assert verify(ledger.export()).holds
    assert verify(ledger.export(), [anchor]).contradicted == (anchor,)


def test_a_body_that_is_no_json_any_more_is_not_read_as_something_else(ledger: SqlLedger, path: Path) -> None:
    attack(path, "UPDATE records SET body = 'gone' WHERE sequence = 3")
    with pytest.raises(TamperedRecord, match="record 3"):
        ledger.run(lambda tx: tx.records(kind="decision"))
