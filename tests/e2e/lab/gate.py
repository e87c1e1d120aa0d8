"""A served gate as an operator runs it: the installed command in a process of its own, set by the environment alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.lab.gitea import free_port

SECONDS = 90.0
PENSTOCK = Path(sys.executable).parent / "penstock"


@dataclass
class ServedGate:
    """A running ``penstock serve`` with the tokens of an agent and of a reader."""

    url: str
    environment: Mapping[str, str]
    tokens: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, body: Any = None, *, who: str = "agent:triage") -> Any:
        """One request as an identity; anything but success raises."""
        given = {"Authorization": f"Bearer {self.tokens[who]}"}
        done = httpx.request(method, self.url + path, json=body, headers=given, timeout=60)
        assert done.is_success, f"{method} {path}: {done.status_code} {done.text[:600]}"
        return done.json()

    def ready(self) -> Any:
        """What it says of itself."""
        return httpx.get(f"{self.url}/readyz", timeout=10).json()

    def killed(self) -> None:
        """It ends at once, with whatever it was doing."""
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Start it again on the same state, at the same address."""
        self.process = _started(self.environment, self.url, self.log)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command beside the serving process, on the same state."""
        return run(self.environment, *arguments)


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """``penstock`` with arguments."""
    command = [str(PENSTOCK), *arguments]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def serving(settings: Mapping[str, str], folder: Path) -> Iterator[ServedGate]:
    """Serve until the end of the block; only the process started here is ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    cache = os.environ.get("PENSTOCK_CACHE", "")
    environment = {**kept, **({"PENSTOCK_CACHE": cache} if cache else {}), **settings}
    roles = {
        "agent:triage": ("agent", "proposer"),
        "watcher": ("pipeline", "signaller"),
        "onlooker": ("person", "reader"),
    }
    tokens = {}
    for identity, (kind, role) in roles.items():
        about = ("--kind", kind, "--owner", "team-platform", "--purpose", "The lab")
        given = (part for each in {role, "reader"} for part in ("--role", each))
        made = run(environment, "identities", "add", identity, *about, *given)
        assert made.returncode == 0, made.stderr
        tokens[identity] = made.stdout.strip().splitlines()[-1].split()[-1]
    url, log = f"http://127.0.0.1:{free_port()}", folder / "serve.log"
    gate = ServedGate(url, environment, tokens, log, _started(environment, url, log))
    try:
        yield gate
    finally:
        gate.process.send_signal(signal.SIGTERM)
        try:
            gate.process.wait(30)
        except subprocess.TimeoutExpired:
            gate.killed()


def _started(environment: Mapping[str, str], url: str, log: Path) -> subprocess.Popen[bytes]:
    """The serving process, once it answers; one that doesn't is ended."""
    command = [str(PENSTOCK), "serve", "--port", url.rpartition(":")[2]]
    with log.open("ab") as written:
        process = subprocess.Popen(command, env=environment, stdout=written, stderr=written, start_new_session=True)
    try:
        until(lambda: _answers(url, process), f"the gate answers; see {log}")
    except AssertionError:
        process.kill()
        process.wait()
        raise
    return process


def until(promise: Callable[[], Any], said: str, *, seconds: float = SECONDS) -> Any:
    """What a promise gives once it is kept; it fails when it isn't within ``seconds``."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while True:
        kept = promise()
        if kept:
            return kept
        assert time.monotonic() < end, f"not within {seconds:g} s: {said}"
        pause.wait(0.25)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the gate ended"
    try:
        return httpx.get(f"{url}/healthz", timeout=2).is_success
    except httpx.HTTPError:
        return False
