"""A ledger on a real PostgreSQL: what it refuses, what it outlives, and what nobody can do to the record there."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.store.ledger import SqlLedger, open_ledger
from engine.core.errors import BadInput, LedgerUnavailable
from engine.core.record import Entry, verify_chain
from engine.ports import Transaction
from tests.postgres import PostgresProcess, running

AT = "2026-11-14T03:12:00Z"


def append(tx: Transaction) -> None:
    tx.append(Entry("decision", "dec-1", {}), at=AT)


def opened(address: str, folder: Path, busy_seconds: float = 5.0) -> SqlLedger:
    return open_ledger(address, spool=folder / "spool", busy_seconds=busy_seconds)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://ada:secret@db.example.com/penstock", "certificate isn't checked"),
        ("postgresql://ada:secret@db.example.com/penstock?sslmode=require", "certificate isn't checked"),
        ("postgresql://ada:secret@/penstock", "one host"),
        ("postgresql://ada:secret@localhost/penstock?host=db.example.com", "one host"),
        ("postgresql://ada:secret@localhost", "names no database"),
        ("postgresql://ada:secret@localhost/penstock?options=-csearch_path%3Dx", "isn't known"),
        ("postgresql+asyncpg://ada:secret@localhost/penstock", "only SQLite and PostgreSQL"),
    ],
)
def test_an_address_that_proves_nothing_is_refused_and_its_password_isn_t_shown(
    address: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        opened(address, tmp_path)
    assert "secret" not in str(refused.value)


def test_a_server_that_isn_t_there_is_said_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="doesn't answer") as refused:
        opened(f"postgresql://ada:secret@/penstock?host={tmp_path}", tmp_path)
    assert "secret" not in str(refused.value)


def test_a_database_that_isn_t_there_is_said(postgres: PostgresProcess, tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="no such database"):
        opened(postgres.address("nowhere"), tmp_path)


def test_a_database_of_something_else_is_left_as_it_is(postgres: PostgresProcess, tmp_path: Path) -> None:
    address = postgres.database()
    postgres.run("CREATE TABLE songs (title text)", address)
    with pytest.raises(LedgerUnavailable, match="something else"):
        opened(address, tmp_path)
    assert postgres.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", address) == [("songs",)]


def test_one_that_may_only_be_read_is_refused(postgres: PostgresProcess, tmp_path: Path) -> None:
    address = postgres.database()
    opened(address, tmp_path).close()
    name = address.split("/")[3].split("?")[0]
    postgres.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    with pytest.raises(LedgerUnavailable, match="can't be written"):
        opened(address, tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET body = '{}'",
        "DELETE FROM records",
        "TRUNCATE records",
        "INSERT INTO records VALUES (3, 'x', 'x', 'x', '{}', 'x', 'x')",
        "INSERT INTO records VALUES (2, 'x', 'x', 'x', '{}', 'not the last one', 'x')",
    ],
)
def test_the_server_refuses_to_change_the_record(postgres: PostgresProcess, tmp_path: Path, statement: str) -> None:
    import psycopg

    address = postgres.database()
    with opened(address, tmp_path) as ledger:
        ledger.run(append)
        with pytest.raises(psycopg.Error, match=r"only ever added to|follows the last one"):
            postgres.run(statement, address)
        assert verify_chain(ledger.export())[0] == 1


def test_a_lock_held_beyond_the_bound_is_a_refusal_and_ends_with_the_lock(
    postgres: PostgresProcess, tmp_path: Path
) -> None:
    address = postgres.database()
    with opened(address, tmp_path) as one, opened(address, tmp_path, busy_seconds=0.1) as two:

        def meanwhile(tx: Transaction) -> None:
            append(tx)
            with pytest.raises(LedgerUnavailable, match="another gate holds it"):
                two.run(append)

        one.run(meanwhile)
        two.run(append)
        assert [record.sequence for record in two.export()] == [1, 2]


def test_a_connection_that_was_cut_between_two_commits_isn_t_noticed(postgres: PostgresProcess, tmp_path: Path) -> None:
    address = postgres.database()
    with opened(address, tmp_path) as ledger:
        ledger.run(append)
        mine = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        [(cut,)] = postgres.run(f"{mine} WHERE pid <> pg_backend_pid() AND datname = current_database()", address)
        assert cut
        ledger.run(append)
        assert verify_chain(ledger.export())[0] == 2


def test_a_server_that_goes_away_is_a_refusal_until_it_is_back(tmp_path: Path, postgres: PostgresProcess) -> None:
    with running() as own, opened(own.database(), tmp_path) as ledger:
        ledger.run(append)
        own.stop()
        with pytest.raises(LedgerUnavailable, match="doesn't answer"):
            ledger.run(append)
        own.start()
        ledger.run(append)
        assert verify_chain(ledger.export())[0] == 2


def test_what_it_can_t_store_fails_its_own_unit_alone(postgres: PostgresProcess, tmp_path: Path) -> None:
    with opened(postgres.database(), tmp_path) as ledger:
        with pytest.raises(BadInput, match="can't be stored"):
            ledger.run(lambda tx: tx.put("incidents", "a\0b", {}, at=AT))
        ledger.run(append)
        assert verify_chain(ledger.export())[0] == 1
