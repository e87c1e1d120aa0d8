"""A real PostgreSQL for tests: the machine's own package, started as nobody on a socket that others can't reach."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NOBODY = 65534
OWNER = "penstock"
START_SECONDS = 60
SETTINGS = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60", "-c", "shared_buffers=32MB")
_NUMBERS = itertools.count(1)


@dataclass
class PostgresProcess:
    """A running server; ``folder`` holds its data and its socket."""

    programs: Path
    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def address(self, database: str) -> str:
        """The URL of a database, as a setting has it."""
        return f"postgresql://{OWNER}@/{database}?host={self.folder}"

    def database(self) -> str:
        """The URL of a new database with nothing in it."""
        name = f"ledger_{os.getpid()}_{next(_NUMBERS)}"
        self.run(f'CREATE DATABASE "{name}"')
        return self.address(name)

    def run(self, statement: str, address: str = "") -> list[tuple[Any, ...]]:
        """What one statement answers, asked by somebody who isn't the gate."""
        import psycopg

        with psycopg.connect(address or self.address("postgres"), autocommit=True) as connection:
            answer = connection.execute(statement)
            return answer.fetchall() if answer.description else []

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *SETTINGS]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **_nobody())
        asked = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder)]
        end, pause = time.monotonic() + START_SECONDS, threading.Event()
        while subprocess.run(asked, check=False).returncode:
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "log").read_text()
            pause.wait(0.05)

    def stop(self) -> None:
        """End it at once, whoever is connected."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)


def _nobody() -> dict[str, Any]:
    """The server doesn't start as root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def missing() -> str:
    """Why there is no PostgreSQL here; empty where there is."""
    return "" if _programs() else "PostgreSQL isn't on this machine: apt-get install postgresql"


def _programs() -> Path | None:
    found = shutil.which("postgres")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    path = Path(found).resolve() if found else next(reversed(packaged), None)
    return path.parent if path else None


@contextmanager
def running() -> Iterator[PostgresProcess]:
    """A server until the end of the block, on a socket in a folder that only its user may enter."""
    programs = _programs()
    assert programs is not None, missing()
    with TemporaryDirectory(prefix="penstock-pg-") as made:
        folder = Path(made)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", OWNER, "--auth=trust", "--no-sync"]
        command += ["-E", "UTF8", "--locale=C"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, **_nobody())
        assert done.returncode == 0, done.stderr
        server = PostgresProcess(programs, folder)
        server.start()
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()
