"""Killed at any step, a process leaves whole units only, and every one that it was told is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.adapters.store.ledger import SqlLedger, open_ledger
from engine.core.record import verify_chain

ROOT = Path(__file__).parents[3]
KILLED = -9


@dataclass(frozen=True)
class Store:
    """A database that isn't made yet, and the folder beside it."""

    address: str
    folder: Path

    def open(self, *, spool: str = "spool", busy_seconds: float = 5.0) -> SqlLedger:
        """Its ledger."""
        return open_ledger(self.address, spool=self.folder / spool, busy_seconds=busy_seconds)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return Store(f"sqlite:///{tmp_path / 'penstock.db'}", tmp_path)
    return Store(request.getfixturevalue("postgres").database(), tmp_path)


@contextmanager
def program(name: str, store: Store) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.integration.store.ledger_program", name, store.address, str(store.folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def killed_after(name: str, store: Store, answers: int) -> list[str]:
    """What the process had been told when it was killed, the lines still in the pipe included."""
    with program(name, store) as process:
        assert process.stdout is not None
        heard = [process.stdout.readline().strip() for _ in range(answers)]
        process.kill()
        heard += process.stdout.read().split("\n")[:-1]
    assert process.returncode == KILLED
    return heard


@pytest.mark.parametrize("answers", [1, 7, 40, 200])
def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(store: Store, answers: int) -> None:
    acknowledged = killed_after("stream", store, answers)
    with store.open() as ledger:
        recorded = [record.subject for record in ledger.export()]
        assert set(acknowledged) <= set(recorded)
        assert len(recorded) <= len(acknowledged) + 4
        assert verify_chain(ledger.export())[0] == len(recorded)
        documents = ledger.run(lambda tx: tx.select("proposals"))
        assert [document["id"] for document in documents] == recorded
        at = "2026-11-14T03:12:00Z"
        assert ledger.run(lambda tx: tx.used("automatic_fixes", "prod", since=at, now=at)) == len(recorded)


def test_killed_before_the_commit_nothing_has_happened(store: Store) -> None:
    with program("inside", store) as process:
        assert process.wait() == KILLED
    with store.open() as ledger:
        assert list(ledger.export()) == []
        assert ledger.run(lambda tx: tx.find("proposals", "unfinished")) is None


def test_killed_while_the_tables_are_made_the_next_one_makes_them(store: Store) -> None:
    with program("migrating", store) as process:
        assert process.wait() == KILLED
    with store.open() as ledger:
        assert ledger.run(lambda tx: tx.switch_mode()) == "normal"


def test_killed_between_the_record_and_the_removal_the_spool_is_recorded_once(store: Store) -> None:
    with program("absorbing", store) as process:
        assert process.wait() == KILLED
    later = store.folder / "later"
    assert len(list(later.glob("*.jsonl"))) == 1
    for _ in range(2):
        with store.open(spool="later") as ledger:
            assert [record.subject for record in ledger.export()] == ["spooled-0", "spooled-1", "spooled-2"]
    assert list(later.iterdir()) == []


def test_killed_while_spooling_everything_acknowledged_reaches_the_record(store: Store) -> None:
    acknowledged = killed_after("spooling", store, 25)
    with store.open() as ledger:
        recorded = [record.subject for record in ledger.export() if record.kind == "refusal"]
    assert recorded[: len(acknowledged)] == acknowledged
    assert len(recorded) <= len(acknowledged) + 1


def test_processes_that_start_together_make_one_database_and_never_overspend(store: Store) -> None:
    with program("contend", store) as one, program("contend", store) as two, program("contend", store) as three:
        processes = (one, two, three)
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert sum(int(process.communicate()[0]) for process in processes) == 30
    with store.open() as ledger:
        assert verify_chain(ledger.export())[0] == 30


def test_several_processes_may_share_it_while_one_holds_it_open(store: Store) -> None:
    with store.open(busy_seconds=60) as ledger:
        with program("contend", store) as other:
            assert other.communicate("go\n")[0] == "25\n"
        assert len(list(ledger.export())) == 25
        from tests.integration.store.ledger_program import step

        assert ledger.run(step("mine", 30)) is True
        assert verify_chain(ledger.export())[0] == 26
