"""Checkov in a warm process of its own, held to a bound of time: one that is late is ended, and begun anew next time.

What an object carried before a change isn't held against the change, so both are scanned and only the difference is
new. A check that was told to be skipped, by an annotation on the object itself, has failed: an object doesn't excuse
itself.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

from engine.adapters.scan import checkov_worker
from engine.core.change.findings import Found
from engine.core.errors import ScanFailed, ScannerMissing, ScanTimeout

SECONDS = 20.0
_WORKER = (sys.executable, "-I", str(Path(checkov_worker.__file__)))
_MOST = 4_194_304
_REMEDY = "Ask again; the scanner is begun anew"
_INSTALL = "Install penstock[scan], or unset PENSTOCK_SCAN_CHANGES"


class CheckovScanner:
    """Answers one question at a time. ``seconds`` bound a question altogether, starting the process included."""

    def __init__(self, seconds: float = SECONDS, command: Sequence[str] = _WORKER) -> None:
        self._seconds = seconds
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        """Begin to warm up; nothing waits for it."""
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id; 0 when none runs."""
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def scan(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Sequence[Found]:
        """What fails in ``after``; see :class:`~engine.ports.Scanner` for what it raises."""
        return self._ask("kubernetes", before, after)

    def scan_plan(self, document: bytes) -> Sequence[Found]:
        """What fails in a plan's resources as they would be, and didn't as they are in its prior state."""
        try:
            plan = json.loads(document)
            prior = (plan.get("prior_state") or {}).get("values") or {}
        except (ValueError, AttributeError, RecursionError):
            raise ScanFailed("the plan can't be read", where="checkov", remedy="Write it again") from None
        return self._ask("terraform_plan", {**plan, "planned_values": prior, "resource_changes": []}, plan)

    def scan_files(self, before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Found]:
        """What fails in Terraform files as they would be, and didn't as they are."""
        return self._ask("terraform", dict(before), dict(after))

    def _ask(self, framework: str, before: Any, after: Any) -> Sequence[Found]:
        until = time.monotonic() + self._seconds
        if not self._turn.acquire(timeout=self._seconds):
            raise ScanTimeout(f"no turn within {self._seconds} s", where="checkov", remedy=_REMEDY)
        try:
            line = self._answer(
                json.dumps({"framework": framework, "before": before, "after": after}).encode() + b"\n", until
            )
        except (ScanFailed, OSError) as error:
            self.stop()
            if isinstance(error, ScanFailed):
                raise
            raise ScanFailed(f"the scanner ended ({error.strerror})", where="checkov", remedy=_REMEDY) from None
        finally:
            self._turn.release()
        return _read(line)

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            pipe, none, home = subprocess.PIPE, subprocess.DEVNULL, tempfile.gettempdir()
            environment = {"PATH": "/usr/bin:/bin", "HOME": home, "LOG_LEVEL": "ERROR"}
            self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=none, env=environment)
        return self._process

    def _answer(self, question: bytes, until: float) -> bytes:
        process = self._start()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both are pipes
        writing = _beside(process.stdin, question)
        try:
            return _line(process.stdout, until)
        finally:
            writing(max(0.0, until - time.monotonic()))


def _beside(pipe: IO[bytes], content: bytes) -> Callable[[float], None]:
    """Write from a thread, since a process that doesn't read would hold whoever writes to it."""

    def write() -> None:
        try:
            pipe.write(content)
            pipe.flush()
        except (OSError, ValueError):
            return  # whoever reads the answer notices

    thread = threading.Thread(target=write, name="scan", daemon=True)
    thread.start()
    return thread.join


def _line(pipe: IO[bytes], until: float) -> bytes:
    got = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while not got.endswith(b"\n"):
            if not ready.select(max(0.0, until - time.monotonic())):
                raise ScanTimeout("no answer in time", where="checkov", remedy=_REMEDY)
            part = pipe.read1(65_536)  # type: ignore[attr-defined]
            got += part
            if not part or len(got) > _MOST:
                raise ScanFailed("the scanner gave no whole answer", where="checkov", remedy=_REMEDY)
    return bytes(got)


def _read(line: bytes) -> list[Found]:
    try:
        answer = json.loads(line)
        if "error" in answer:
            kind = str(answer["error"][0][0])
            if kind in ("ModuleNotFoundError", "ImportError"):
                raise ScannerMissing("Checkov isn't installed", where="checkov", remedy=_INSTALL)
            raise ScanFailed(f"the scanner can't read the object ({kind})", where="checkov", remedy=_REMEDY)
        before = {(str(check), str(place)) for check, place, _ in answer["before"]}
        after = {(str(check), str(place)): int(line) for check, place, line in reversed(answer["after"])}
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise ScanFailed("the scanner's answer can't be read", where="checkov", remedy=_REMEDY) from None
    return [Found("checkov", *key, key not in before, line) for key, line in sorted(after.items())]
