"""Many callers share one commit, and none of them gets an answer that the disk doesn't have."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.store.ledger import SqlLedger, open_ledger
from engine.core.errors import LedgerUnavailable
from engine.core.record import Entry, verify_chain
from engine.ports import Transaction

AT = "2026-11-14T03:12:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "penstock.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqlLedger]:
    with open_ledger(f"sqlite:///{path}") as opened:
        yield opened


def append(number: int) -> Callable[[Transaction], int]:
    return lambda tx: tx.append(Entry("decision", f"dec-{number}", {"text": "x" * 200}), at=AT).sequence


def fail(tx: Transaction) -> None:
    tx.append(Entry("decision", "undone", {}), at=AT)
    raise ZeroDivisionError


def on_disk(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT subject FROM records ORDER BY sequence")]


@contextmanager
def writer_held(ledger: SqlLedger) -> Iterator[None]:
    """The writer waits inside a unit, so that whatever is submitted meanwhile shares the next commit."""
    entered, release = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        entered.set()
        release.wait()

    held = ledger.submit(hold)
    entered.wait()
    try:
        yield
    finally:
        release.set()
    held.result()


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_answer_is_given_only_when_another_connection_sees_it(ledger: SqlLedger, path: Path) -> None:
    for number in range(20):
        ledger.run(append(number))
        assert on_disk(path)[-1] == f"dec-{number}"


def test_units_that_waited_together_share_one_commit(ledger: SqlLedger, path: Path) -> None:
    with writer_held(ledger):
        waiting = [ledger.submit(append(number)) for number in range(50)]
        seen: list[int] = []
        waiting[0].add_done_callback(lambda _: seen.append(len(on_disk(path))))
    assert [answer.result() for answer in waiting] == list(range(1, 51))
    assert seen == [50]


def test_a_unit_that_fails_undoes_itself_and_nobody_it_shares_the_commit_with(ledger: SqlLedger, path: Path) -> None:
    with writer_held(ledger):
        before, failing, after = ledger.submit(append(1)), ledger.submit(fail), ledger.submit(append(2))
    assert (before.result(), after.result()) == (1, 2)
    with pytest.raises(ZeroDivisionError):
        failing.result()
    assert on_disk(path) == ["dec-1", "dec-2"]
    verify_chain(ledger.export())


def test_even_an_exit_inside_a_unit_reaches_its_caller_and_leaves_the_writer_alive(ledger: SqlLedger) -> None:
    def leave(_: Transaction) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        ledger.run(leave)
    assert ledger.run(append(1)) == 1


def test_a_commit_that_fails_fails_every_unit_of_it_and_the_next_one_may_succeed(ledger: SqlLedger, path: Path) -> None:
    ledger.run(append(0))
    log = path.with_name("penstock.db-wal")
    waiting: list[Future[Any]] = []
    with writer_held(ledger):
        waiting = [ledger.submit(append(1)), ledger.submit(fail), ledger.submit(append(2))]
        limit = no_file_grows_beyond(log.stat().st_size)
        limit.__enter__()
    try:
        for answer in waiting:
            with pytest.raises(LedgerUnavailable, match=r"penstock\.db"):
                answer.result()
    finally:
        limit.__exit__(None, None, None)
    assert on_disk(path) == ["dec-0"]
    assert ledger.run(append(3)) == 2
    assert verify_chain(ledger.export())[0] == 2


def test_closing_finishes_what_is_queued(path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{path}")
    answers = [ledger.submit(append(number)) for number in range(300)]
    ledger.close()
    assert all(answer.done() for answer in answers)
    assert len(on_disk(path)) == 300


def test_an_answer_nobody_waits_for_any_more_is_not_given_and_not_done(ledger: SqlLedger, path: Path) -> None:
    with writer_held(ledger):
        given_up, kept = ledger.submit(append(1)), ledger.submit(append(2))
        assert given_up.cancel()
    assert kept.result(timeout=60) == 1
    assert on_disk(path) == ["dec-2"]


def test_a_file_removed_behind_the_ledger_is_noticed_before_anything_is_lost_in_it(
    ledger: SqlLedger, path: Path
) -> None:
    ledger.run(append(1))
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(LedgerUnavailable, match="removed or replaced"):
        ledger.run(append(2))


def test_a_ledger_from_before_a_fork_refuses_in_the_child(ledger: SqlLedger) -> None:
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a ledger that waits for a writer it hasn't got would wait forever
        try:
            ledger.run(append(1))
        except LedgerUnavailable:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    with open_ledger(f"sqlite:///{path}") as first:
        first.run(append(1))
        tip = first.run(lambda tx: tx.tip())
    with open_ledger(f"sqlite:///{path}") as second:
        assert second.run(lambda tx: tx.tip()) == tip
        assert second.run(append(2)) == 2


def test_an_export_goes_through_a_record_of_several_pages(ledger: SqlLedger) -> None:
    ledger.run(lambda tx: [append(number)(tx) for number in range(2345)])
    assert verify_chain(ledger.export())[0] == 2345
