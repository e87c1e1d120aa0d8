"""An OPA server of one's own on loopback, for the referee and for tests."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Self

import requests

from engine.adapters.opa.bundle import Bundle
from engine.core.errors import EvaluatorUnavailable

READY_SECONDS = 30.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.02


class OpaServerProcess:
    """``opa run --server`` with one bundle, from ``with`` until its end; ``url`` is where it answers.

    With ``key`` (a public RSA key in PEM) it loads a signed bundle alone.
    """

    def __init__(self, opa: Path, bundle: Bundle, *, key: Path | None = None) -> None:
        self._opa = opa
        self._bundle = bundle
        self._key = key
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process id; 0 when it doesn't run."""
        return self._process.pid if self._process else 0

    def __enter__(self) -> Self:
        """Start it and wait until it serves the bundle. Raises :class:`EvaluatorUnavailable`."""
        self._log = tempfile.TemporaryFile()
        self._port = _free_port()
        command = [str(self._opa), "run", "--server", "--addr", f"127.0.0.1:{self._port}", "--skip-version-check"]
        command += ["--log-level", "error", "--shutdown-grace-period", "1", "--bundle", str(self._bundle.served)]
        command += ["--verification-key", str(self._key)] if self._key else []
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                env={"PATH": "/usr/bin:/bin", "HOME": tempfile.gettempdir()},
            )
            self._wait_until_ready(self._process)
        except OSError as error:
            self.stop()
            raise EvaluatorUnavailable(f"can't be run ({error.strerror})", where=str(self._opa)) from None
        except EvaluatorUnavailable:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it, politely first."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._log:
            self._log.close()
        self._process = self._log = None

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with requests.Session() as session:
            session.trust_env = False
            while time.monotonic() < deadline:
                try:
                    if session.get(f"{self.url}/health?bundles", timeout=1).status_code == requests.codes.ok:
                        return
                except requests.RequestException:
                    pass
                try:
                    process.wait(_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
                raise EvaluatorUnavailable(f"ended at once: {self._last_words()}", where=str(self._opa))
        raise EvaluatorUnavailable(f"is not ready after {READY_SECONDS} s", where=str(self._opa))

    def _last_words(self) -> str:
        if self._log is None:
            return "no message"
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "no message"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
