"""Killed at any step, a process leaves whole units only, and every one that it was told is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.adapters.store.ledger import open_ledger
from engine.core.record import verify_chain

ROOT = Path(__file__).parents[3]
KILLED = -9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "penstock.db"


@contextmanager
def program(name: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.integration.store.ledger_program", name, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def killed_after(name: str, path: Path, answers: int) -> list[str]:
    """What the process had been told when it was killed, the lines still in the pipe included."""
    with program(name, path) as process:
        assert process.stdout is not None
        heard = [process.stdout.readline().strip() for _ in range(answers)]
        process.kill()
        heard += process.stdout.read().split("\n")[:-1]
    assert process.returncode == KILLED
    return heard


@pytest.mark.parametrize("answers", [1, 7, 40, 200])
def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(path: Path, answers: int) -> None:
    acknowledged = killed_after("stream", path, answers)
    with open_ledger(f"sqlite:///{path}") as ledger:
        recorded = [record.subject for record in ledger.export()]
        assert set(acknowledged) <= set(recorded)
        assert len(recorded) <= len(acknowledged) + 4
        assert verify_chain(ledger.export())[0] == len(recorded)
        documents = ledger.run(lambda tx: tx.select("proposals"))
        assert [document["id"] for document in documents] == recorded
        at = "2026-11-14T03:12:00Z"
        assert ledger.run(lambda tx: tx.used("automatic_fixes", "prod", since=at, now=at)) == len(recorded)


def test_killed_before_the_commit_nothing_has_happened(path: Path) -> None:
    with program("inside", path) as process:
        assert process.wait() == KILLED
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert list(ledger.export()) == []
        assert ledger.run(lambda tx: tx.find("proposals", "unfinished")) is None


def test_killed_while_the_tables_are_made_the_next_one_makes_them(path: Path) -> None:
    with program("migrating", path) as process:
        assert process.wait() == KILLED
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert ledger.run(lambda tx: tx.switch_mode()) == "normal"


def test_killed_between_the_record_and_the_removal_the_spool_is_recorded_once(path: Path) -> None:
    with program("absorbing", path) as process:
        assert process.wait() == KILLED
    later = path.parent / "later"
    assert len(list(later.glob("*.jsonl"))) == 1
    for _ in range(2):
        with open_ledger(f"sqlite:///{path}", spool=later) as ledger:
            assert [record.subject for record in ledger.export()] == ["spooled-0", "spooled-1", "spooled-2"]
    assert list(later.iterdir()) == []


def test_killed_while_spooling_everything_acknowledged_reaches_the_record(path: Path) -> None:
    acknowledged = killed_after("spooling", path, 25)
    with open_ledger(f"sqlite:///{path}") as ledger:
        recorded = [record.subject for record in ledger.export() if record.kind == "refusal"]
    assert recorded[: len(acknowledged)] == acknowledged
    assert len(recorded) <= len(acknowledged) + 1


def test_processes_that_start_together_make_one_database_and_never_overspend(path: Path) -> None:
    with program("contend", path) as one, program("contend", path) as two, program("contend", path) as three:
        processes = (one, two, three)
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert sum(int(process.communicate()[0]) for process in processes) == 30
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert verify_chain(ledger.export())[0] == 30


def test_several_processes_may_share_the_file_while_one_holds_it_open(path: Path) -> None:
    with open_ledger(f"sqlite:///{path}", busy_seconds=60) as ledger:
        with program("contend", path) as other:
            assert other.communicate("go\n")[0] == "25\n"
        assert len(list(ledger.export())) == 25
        from tests.integration.store.ledger_program import step

        assert ledger.run(step("mine", 30)) is True
        assert verify_chain(ledger.export())[0] == 26
