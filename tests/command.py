"""The command ``penstock`` for tests that run it often: a process of its own each time, from one that imported all.

Importing takes longer than most commands. So one process imports, and forks for each command that a tiny client hands
it with its arguments, folder, environment, and standard streams; the child ends as the command would. What starting
costs and needs is tested elsewhere, by installed packages.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

ROOT = Path(__file__).parents[1]
PRELOADED = ("entrypoints.cli", "usecases", *(f"adapters.{part}" for part in ("git", "opa", "render", "store")))
CLIENT = """
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    asked = json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(asked)
    sys.exit(server.recv(1)[0])
"""


@contextmanager
def penstock() -> Iterator[list[str]]:
    """The words that begin a command line, while the process behind them runs."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        address = str(Path(folder) / "penstock")
        listening.bind(address)
        listening.listen()
        serving = [sys.executable, "-m", "tests.command", str(listening.fileno())]
        with subprocess.Popen(serving, cwd=ROOT, pass_fds=[listening.fileno()]) as server:
            try:
                yield [sys.executable, "-S", "-E", "-c", CLIENT, address]
            finally:
                server.terminate()


def serve(listening: socket.socket) -> None:
    """Fork for each command in turn, and tell its exit code; raises :class:`SystemExit` in the child."""
    for name in PRELOADED:
        package = import_module(f"engine.{name}")
        for found in iter_modules(package.__path__, f"engine.{name}."):
            import_module(found.name)
    import_module("alembic.command")  # a new ledger needs it
    gc.freeze()
    while True:
        asking, _ = listening.accept()
        with asking:
            size, streams, _, _ = socket.recv_fds(asking, 4, 3)
            child = os.fork()
            if not child:
                listening.close()
                become(asking.makefile("rb").read(int.from_bytes(size, "big")), streams)
            for stream in streams:
                os.close(stream)
            _, status = os.waitpid(child, 0)
            asking.sendall(bytes([os.waitstatus_to_exitcode(status) % 256]))


def become(asked: bytes, streams: list[int]) -> None:
    """Be the process that runs the command."""
    from engine.entrypoints.cli.main import run

    arguments, folder, environment = json.loads(asked)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    run(arguments)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
