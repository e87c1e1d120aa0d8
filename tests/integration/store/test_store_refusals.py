"""Each way of not knowing the state is a refusal with a name, a place and a remedy."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.adapters.store import schema
from engine.adapters.store.ledger import open_ledger
from engine.core.errors import BadInput, LedgerUnavailable
from engine.core.record import Entry

AT = "2026-11-14T03:12:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "penstock.db"


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def append(tx: object) -> None:
    tx.append(Entry("decision", "dec-1", {}), at=AT)  # type: ignore[attr-defined]


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A database in a folder that other users can get to, which those of the test runner aren't."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "penstock.db"
        open_ledger(url(path)).close()
        yield path


@contextmanager
def as_nobody(path: Path) -> Iterator[None]:
    """As a user whom file permissions bind; root they don't."""
    if os.geteuid() != 0:
        yield
        return
    for each in (path.parent, *path.parent.iterdir()):
        os.chown(each, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro"],
)
def test_only_a_database_that_is_known_is_taken(text: str) -> None:
    with pytest.raises(BadInput, match="PENSTOCK_LEDGER"):
        open_ledger(text)


def test_a_password_in_a_refused_url_is_not_shown() -> None:
    with pytest.raises(BadInput) as refused:
        open_ledger("mysql://ada:secret@localhost/x")
    assert "secret" not in str(refused.value)


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(LedgerUnavailable, match=str(path)):
        open_ledger(url(path))


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"these are my notes\n" * 100)
    with pytest.raises(LedgerUnavailable, match="not a database"):
        open_ledger(url(path))
    assert path.read_bytes() == b"these are my notes\n" * 100


def test_a_database_of_something_else_is_refused_and_left_as_it_is(path: Path) -> None:
    change(path, "CREATE TABLE songs (title)")
    with pytest.raises(LedgerUnavailable, match="something else"):
        open_ledger(url(path))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


@pytest.mark.parametrize(
    "statement", ["UPDATE alembic_version SET version_num = '9999'", "DELETE FROM alembic_version"]
)
def test_a_schema_that_this_program_does_not_know_is_refused(path: Path, statement: str) -> None:
    open_ledger(url(path)).close()
    change(path, statement)
    with pytest.raises(LedgerUnavailable, match="schema"):
        open_ledger(url(path))


def test_a_file_that_cannot_be_read_is_refused(reachable: Path) -> None:
    reachable.chmod(0)
    with as_nobody(reachable), pytest.raises(LedgerUnavailable, match="Permission denied"):
        open_ledger(url(reachable))


def test_a_file_that_can_be_read_but_not_written_is_refused(reachable: Path) -> None:
    reachable.chmod(0o400)
    with as_nobody(reachable), pytest.raises(LedgerUnavailable, match="can't be written"):
        open_ledger(url(reachable))


def test_a_file_that_this_user_may_use_is_opened(reachable: Path) -> None:
    with as_nobody(reachable), open_ledger(url(reachable)) as ledger:
        ledger.run(append)


def test_a_lock_held_beyond_the_bound_is_a_refusal_and_ends_with_the_lock(path: Path) -> None:
    with open_ledger(url(path), busy_seconds=0.05) as ledger, closing(sqlite3.connect(path)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="another process holds it"):
            ledger.run(append)
        other.execute("ROLLBACK")
        ledger.run(append)
        assert [record.sequence for record in ledger.export()] == [1]


def test_a_switch_that_stands_nowhere_is_a_refusal_until_somebody_moves_it(path: Path) -> None:
    with open_ledger(url(path)) as ledger:
        change(path, "UPDATE switch SET mode = 'of'")
        with pytest.raises(LedgerUnavailable, match="kill switch"):
            ledger.run(lambda tx: tx.switch_mode())
        ledger.run(lambda tx: tx.set_switch("frozen", by="ada", reason="unknown mode", at=AT))
        assert ledger.run(lambda tx: tx.switch_mode()) == "frozen"


def test_a_switch_that_is_gone_is_a_refusal_until_somebody_sets_it(path: Path) -> None:
    with open_ledger(url(path)) as ledger:
        change(path, "DELETE FROM switch")
        with pytest.raises(LedgerUnavailable, match="kill switch"):
            ledger.run(lambda tx: tx.switch_mode())
        ledger.run(lambda tx: tx.set_switch("normal", by="ada", reason="back", at=AT))
        assert ledger.run(lambda tx: tx.switch_mode()) == "normal"


def test_a_document_that_is_damaged_is_a_refusal(path: Path) -> None:
    with open_ledger(url(path)) as ledger:
        ledger.run(lambda tx: tx.put("incidents", "x", {"a": 1}, at=AT))
        change(path, "UPDATE documents SET body = '{\"a\":'")
        with pytest.raises(LedgerUnavailable, match="incidents/x"):
            ledger.run(lambda tx: tx.find("incidents", "x"))


def test_a_table_that_is_gone_fails_the_whole_commit(path: Path) -> None:
    with open_ledger(url(path)) as ledger:
        change(path, "DROP TABLE reservations")

        def swallowing(tx: object) -> str:
            append(tx)
            try:
                tx.used("pods", "x", since=AT, now=AT)  # type: ignore[attr-defined]
            except LedgerUnavailable:
                return "carried on"
            return "counted"

        with pytest.raises(LedgerUnavailable, match="no such table"):
            ledger.run(swallowing)
        assert list(ledger.export()) == []


def test_only_its_user_may_read_what_is_kept(tmp_path: Path) -> None:
    open_ledger(url(tmp_path / "state" / "penstock.db")).close()
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "state").iterdir())


def test_the_newest_migration_is_the_schema_that_is_expected() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [schema.HEAD]
    assert [r.revision for r in script.walk_revisions()] == list(reversed(schema.REVISIONS))


def test_a_current_database_is_opened_without_the_migration_tool(path: Path) -> None:
    open_ledger(url(path)).close()
    program = (
        "import sys; from engine.adapters.store.ledger import open_ledger; "
        f"open_ledger({url(path)!r}).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_tables_are_the_ones_that_statements_see(path: Path) -> None:
    from sqlalchemy import create_engine, inspect

    from engine.adapters.store.tables import METADATA

    open_ledger(url(path)).close()
    engine = create_engine(url(path))
    found = inspect(engine)
    for table in METADATA.sorted_tables:
        assert {c["name"] for c in found.get_columns(table.name)} == {c.name for c in table.columns}
    engine.dispose()
