"""What a durable answer costs: decisions recorded a second through the ledger's shared commit, beside one commit each.

All arms write the same chained record into SQLite (WAL, ``synchronous=FULL``) and answer only after the commit. One
arm is the ledger with a transaction for each; one is bare ``sqlite3`` with callers taking turns: no savepoints,
budgets, documents or second process in mind. The arms are interleaved in one run on one machine, because figures of
different runs can't be compared. The faster the disk, the less there is to share.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

from engine.adapters.store.ledger import open_ledger
from engine.core import canonical
from engine.core.record import GENESIS, Entry, link, verify_chain

AT = "2026-11-14T03:12:00Z"
BODY = {
    "decision": {
        "outcome": "require_approval",
        "tier": 2,
        "violations": [],
        "rules": [{"rule": f"area/rule_{n}", "status": "passed", "message": "within limits"} for n in range(20)],
    }
}

Append = Callable[[int], None]


def shared(path: Path, batch: int = 256) -> tuple[Append, Callable[[], None]]:
    """The ledger: whoever waits meanwhile shares the next commit."""
    ledger = open_ledger(f"sqlite:///{path}", batch=batch)

    def append(number: int) -> None:
        ledger.run(lambda tx: tx.append(Entry("decision", f"dec-{number}", BODY), at=AT))

    def close() -> None:
        verify_chain(ledger.export())
        ledger.close()

    return append, close


def unshared(path: Path) -> tuple[Append, Callable[[], None]]:
    """The same ledger with a commit for each: what sharing alone is worth."""
    return shared(path, batch=1)


def bare(path: Path) -> tuple[Append, Callable[[], None]]:
    """One transaction a record, without any library in between: the fastest that this can be."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE records (sequence INTEGER PRIMARY KEY, at, kind, subject, body, previous, digest)")
    turn = threading.Lock()

    def append(number: int) -> None:
        with turn, closing(connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            last = cursor.execute("SELECT sequence, digest FROM records ORDER BY sequence DESC LIMIT 1").fetchone()
            sequence, previous = last or (0, GENESIS)
            record = link(sequence + 1, AT, Entry("decision", f"dec-{number}", BODY), previous)
            body = canonical.encode(BODY).decode()
            values = (record.sequence, AT, record.kind, record.subject, body, previous, record.digest)
            cursor.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            cursor.execute("COMMIT")

    return append, connection.close


ARMS = {"shared commit": shared, "one commit each": unshared, "bare sqlite3, each": bare}


def measure(arm: str, callers: int, seconds: float, folder: Path) -> tuple[float, float, float]:
    """Records a second, and the median and 99th percentile of an answer in milliseconds."""
    append, close = ARMS[arm](folder / f"{arm.replace(' ', '-')}-{callers}-{time.monotonic_ns()}.db")
    numbers, start = count(), threading.Barrier(callers + 1)

    def caller() -> list[float]:
        start.wait()
        end, waits = time.perf_counter() + seconds, []
        while (began := time.perf_counter()) < end:
            append(next(numbers))
            waits.append(time.perf_counter() - began)
        return waits

    with ThreadPoolExecutor(callers) as pool:
        running = [pool.submit(caller) for _ in range(callers)]
        start.wait()
        waits = sorted(wait for each in running for wait in each.result())
    close()
    return len(waits) / seconds, statistics.median(waits) * 1e3, waits[int(len(waits) * 0.99)] * 1e3


def main() -> None:
    """Print one table; figures are medians of the rounds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=1.0)
    given = arguments.parse_args()
    print(f"{'callers':>7}  {'arm':<18} {'records/s':>9}  {'p50 ms':>7}  {'p99 ms':>7}  {'shared is':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for callers in (1, 8, 32):
            rounds = [
                {arm: measure(arm, callers, given.seconds, Path(folder)) for arm in ARMS} for _ in range(given.rounds)
            ]
            for arm in ARMS:
                rate, median, slowest = (statistics.median(r[arm][i] for r in rounds) for i in range(3))
                ratio = statistics.median(r["shared commit"][0] / r[arm][0] for r in rounds)
                print(f"{callers:>7}  {arm:<18} {rate:>9.0f}  {median:>7.2f}  {slowest:>7.2f}  {ratio:>8.2f}x")


if __name__ == "__main__":
    main()
