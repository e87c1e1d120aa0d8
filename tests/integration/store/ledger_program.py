"""A process of its own that uses a ledger and says on stdout what it was answered; tests kill it or run several."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from engine.adapters.store.absorb import absorb
from engine.adapters.store.connection import open_database
from engine.adapters.store.ledger import SqlLedger, open_ledger
from engine.adapters.store.schema import upgrade
from engine.adapters.store.spool import Spool
from engine.core.budget import Reservation
from engine.core.record import Entry
from engine.ports import Transaction

AT, LATER = "2026-11-14T03:12:00Z", "2026-11-14T04:12:00Z"


def say(word: str) -> None:
    os.write(1, f"{word}\n".encode())


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def step(name: str, limit: int) -> Callable[[Transaction], bool]:
    """Record, reservation and document together, within a limit."""

    def unit(tx: Transaction) -> bool:
        if tx.used("automatic_fixes", "prod", since=AT, now=AT) >= limit:
            return False
        tx.append(Entry("decision", name, {"text": "x" * 500}), at=AT)
        tx.reserve(Reservation("automatic_fixes", "prod", 1, name, AT, LATER))
        tx.put("proposals", name, {"id": name}, at=AT)
        return True

    return unit


def stream(address: str, folder: Path) -> None:
    """Four callers, each naming what was acknowledged, until somebody kills the process."""
    ledger = open_ledger(address, spool=folder / "spool")

    def caller(thread: int) -> None:
        for number in range(1_000_000):
            ledger.run(step(f"{thread}-{number}", 1_000_000))
            say(f"{thread}-{number}")

    threads = [threading.Thread(target=caller, args=(thread,)) for thread in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def inside(address: str, folder: Path) -> None:
    """Killed when everything is written and nothing is committed."""

    def unit(tx: Transaction) -> None:
        step("unfinished", 10)(tx)
        die()

    open_ledger(address, spool=folder / "spool").run(unit)


def migrating(address: str, folder: Path) -> None:
    """Killed when every table is made and nothing is committed."""
    engine = open_database(address, busy_seconds=5).engine
    with engine.connect() as connection, connection.begin():
        upgrade(connection)
        die()


def absorbing(address: str, folder: Path) -> None:
    """Killed when the spool is in the record and still in the folder."""
    spool = folder / "later"
    with Spool(spool) as writer:
        for number in range(3):
            writer.append(Entry("refusal", f"spooled-{number}", {"n": number}), at=AT)
    ledger = open_ledger(address, spool=folder / "spool")

    def run(unit: Callable[..., int]) -> int:
        ledger.run(unit)
        die()
        return 0

    absorb(spool, run)


def spooling(address: str, folder: Path) -> None:
    """Names each entry that was acknowledged, until somebody kills the process."""
    writer = Spool(folder / "spool")
    for number in range(1_000_000):
        writer.append(Entry("refusal", f"spooled-{number}", {"n": number}), at=AT)
        say(f"spooled-{number}")


def contend(address: str, folder: Path) -> None:
    """Opens with everybody else, then takes what it can of a limit of 30 and says how much it got."""
    sys.stdin.readline()
    ledger: SqlLedger = open_ledger(address, spool=folder / "spool", busy_seconds=60)
    got = sum(ledger.run(step(f"{os.getpid()}-{number}", 30)) for number in range(25))
    ledger.close()
    say(str(got))


if __name__ == "__main__":
    programs = (stream, inside, migrating, absorbing, spooling, contend)
    {program.__name__: program for program in programs}[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
