"""The ledger: one writer that shares each commit among all who wait, and answers only after it is durable.

Waiting for the disk is what a durable write costs; whatever queues up meanwhile goes into the next commit, so
many callers pay for one wait. Each unit has its own savepoint: what it undoes is its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread, get_ident
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, RootTransaction, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.adapters.store.absorb import absorb
from engine.adapters.store.connection import Database, open_database, store_errors
from engine.adapters.store.schema import bring_up_to_date
from engine.adapters.store.spool import Spool
from engine.adapters.store.tables import RECORDS
from engine.adapters.store.transaction import SqlTransaction, Tip, as_record, read_tip
from engine.core.errors import LedgerUnavailable, NestedUnit
from engine.core.record import Entry, Record
from engine.ports import Result

BATCH = 256
PAGE = 1000


@dataclass(frozen=True, slots=True)
class _Job:
    unit: Callable[[SqlTransaction], Any]
    answer: Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    job: _Job
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        if self.error is None:
            self.job.answer.set_result(self.result)
        else:
            self.job.answer.set_exception(self.error)


def open_ledger(url: str, *, spool: Path | None = None, busy_seconds: float = 5.0, batch: int = BATCH) -> SqlLedger:
    """Open the ledger at a database URL, make or migrate it, and take in what was spooled.

    ``url`` is like ``sqlite:////path/file`` or ``postgresql://user@host/name``. ``spool`` is the folder ``spool``
    beside a file unless given, and has to be given for a server. ``busy_seconds`` bounds the wait for another process;
    ``batch`` is how many units share a commit. Raises :class:`BadInput` for the URL and :class:`LedgerUnavailable` for
    everything behind it.
    """
    database = open_database(url, busy_seconds=busy_seconds)
    try:
        bring_up_to_date(database)
        ledger = SqlLedger(database, spool or database.spool(), batch=batch)
    except BaseException:
        database.engine.dispose()
        raise
    try:
        ledger.absorb()
    except BaseException:
        ledger.close()
        raise
    return ledger


class SqlLedger:
    """State and record in one database. Safe to use from many threads; several processes may share it.

    ``where`` says which database, without any password.
    """

    def __init__(self, database: Database, spool: Path, *, batch: int = BATCH) -> None:
        self._batch = batch
        self._database = database
        self.where = database.where
        self._spool = spool
        self._process = os.getpid()
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._connection: Connection | None = None
        self._writer = Thread(target=self._write, name="ledger-writer", daemon=True)
        self._writer.start()

    def run(self, unit: Callable[[SqlTransaction], Result]) -> Result:
        """Run one unit of work alone against the latest state, and return when it is durable.

        An exception of the unit undoes that unit only. Raises :class:`LedgerUnavailable`, after which nothing of
        the unit holds, and :class:`NestedUnit` when called from inside a unit.
        """
        return self.submit(unit).result()

    def submit(self, unit: Callable[[SqlTransaction], Result]) -> Future[Result]:
        """Queue one unit of work; the future is done when the unit is durable or undone."""
        if get_ident() == self._writer.ident:
            raise NestedUnit("a unit of work can't ask for another", remedy="Use the transaction it was given")
        if os.getpid() != self._process:
            raise self._gone("it was opened by another process", "Open the ledger after the fork")
        answer: Future[Result] = Future()
        with self._closing:
            if self._closed:
                raise self._gone("it is closed", "Open it again")
            self._queue.put(_Job(unit, answer))
        return answer

    def export(self) -> Iterator[Record]:
        """The whole chain as it is now, in order, a page in memory at a time.

        Raises :class:`LedgerUnavailable`, and :class:`TamperedRecord` at a record that can't be read.
        """
        last = 0
        while page := self._page(last):
            yield from map(as_record, page)
            last = page[-1].sequence

    def absorb(self) -> int:
        """Take in what other processes spooled while they couldn't reach the ledger; says how many entries."""
        return absorb(self._spool, self.run)

    def set_aside(self, entry: Entry, *, at: str) -> None:
        """Spool an entry that the database can't take; whoever opens the ledger next takes it in."""
        with Spool(self._spool) as spool:
            spool.append(entry, at=at)

    def close(self) -> None:
        """Finish what is queued and let go of the database. Closing twice changes nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._writer.join()
        self._database.engine.dispose()

    def __enter__(self) -> SqlLedger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _page(self, after: int) -> list[Any]:
        wanted = select(RECORDS).where(RECORDS.c.sequence > after).order_by(RECORDS.c.sequence).limit(PAGE)
        asking = self._database.engine.connect().execution_options(reading=True)
        with store_errors(self._database), asking as connection:
            return list(connection.execute(wanted))

    def _write(self) -> None:
        while (job := self._queue.get()) is not None:
            gathered, last = self._gather(job)
            batch = [each for each in gathered if each.answer.set_running_or_notify_cancel()]
            for outcome in self._commit(batch) if batch else ():
                outcome.tell()
            if last:
                break
        self._let_go()

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        """What waits now, up to the bound, and whether closing was asked for behind it."""
        batch = [first]
        while len(batch) < self._batch:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                return batch, True
            batch.append(job)
        return batch, False

    def _commit(self, batch: list[_Job]) -> list[_Outcome]:
        """Run a batch in one transaction; when that can't be made durable, every unit of it has failed."""
        try:
            self._still_there()
            with store_errors(self._database):
                return self._attempt_all(batch)
        except LedgerUnavailable as error:
            failure = error
        except Exception as error:  # noqa: BLE001  the end of this thread's stack: nobody else could tell the callers
            failure = self._gone(f"the writer failed: {error!r}", "Report this")
        self._let_go()
        copies = [LedgerUnavailable(failure.message, where=failure.where, remedy=failure.remedy) for _ in batch]
        return [_Outcome(job, error=copy) for job, copy in zip(batch, copies, strict=True)]

    def _attempt_all(self, batch: list[_Job]) -> list[_Outcome]:
        connection, transaction = self._begun()
        with transaction:
            if len(batch) == 1:
                outcome, _ = self._attempt(connection, batch[0], read_tip(connection))
                if outcome.error is not None:
                    transaction.rollback()
                return [outcome]
            return self._attempt_each(connection, batch)

    def _begun(self) -> tuple[Connection, RootTransaction]:
        """A transaction; where the kept connection was cut, on a fresh one, since nothing was asked of it yet."""
        if self._connection is not None:
            try:
                return self._connection, self._connection.begin()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                self._let_go()
        self._connection = self._database.engine.connect()
        return self._connection, self._connection.begin()

    def _attempt_each(self, connection: Connection, batch: list[_Job]) -> list[_Outcome]:
        outcomes, tip = [], read_tip(connection)
        for job in batch:
            connection.exec_driver_sql("SAVEPOINT unit")
            outcome, after = self._attempt(connection, job, tip)
            if outcome.error is None:
                tip = after
            else:
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
            connection.exec_driver_sql("RELEASE SAVEPOINT unit")
            outcomes.append(outcome)
        return outcomes

    def _attempt(self, connection: Connection, job: _Job, tip: Tip) -> tuple[_Outcome, Tip]:
        """Run one unit; raises only when the database itself failed, after which nothing may be kept."""
        transaction = SqlTransaction(connection, self._database, tip)
        try:
            outcome = _Outcome(job, result=job.unit(transaction))
        except BaseException as error:  # noqa: BLE001  it is the caller's, who gets it from the future
            outcome = _Outcome(job, error=error)
        transaction.ended = True
        if transaction.failure is not None:
            raise transaction.failure
        return outcome, transaction.chain

    def _let_go(self) -> None:
        """Give the connection up; the next commit starts on a fresh one."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None

    def _still_there(self) -> None:
        lost = self._database.lost()
        if lost:
            raise self._gone(lost, "Restart, after finding out who did that")

    def _gone(self, why: str, remedy: str) -> LedgerUnavailable:
        return LedgerUnavailable(why, where=self.where, remedy=remedy)
