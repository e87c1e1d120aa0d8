"""Running the ``opa`` command: no shell, a bound on time, and its complaints turned into file and line."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import EvaluatorUnavailable

Binary = Callable[[], Path]
SECONDS = 120
_PLACE = re.compile(r"(?P<file>[^\s:]+\.rego):(?P<line>\d+): (?P<text>.+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command said: its exit code, and both of its streams."""

    code: int
    out: bytes
    said: str

    @property
    def told(self) -> str:
        """What it has to say of an error, on whichever stream it says it."""
        return self.said or self.out.decode(errors="replace").strip()


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of the compiler: ``file:line`` (empty when it names none) and its text."""

    where: str
    text: str


def run_opa(binary: Path, arguments: Sequence[str], *, folder: Path, stdin: bytes = b"") -> Answer:
    """Run ``opa`` in ``folder``. Raises :class:`EvaluatorUnavailable` when it can't start or doesn't end."""
    try:
        done = subprocess.run(
            [str(binary), *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            timeout=SECONDS,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "GOGC": "400"},  # short runs; collecting costs a third
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EvaluatorUnavailable(f"opa {arguments[0]} took over {SECONDS} s", where=str(binary)) from None
    except OSError as error:
        raise EvaluatorUnavailable(f"can't be run ({error.strerror})", where=str(binary)) from None
    return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace").strip())


def complaints(said: str) -> list[Complaint]:
    """The compiler's errors in what a command said; its last line when none names a place."""
    found = [Complaint(f"{m['file']}:{m['line']}", m["text"].strip()) for m in _PLACE.finditer(said)]
    lines = [line.removeprefix("error: ") for line in said.splitlines() if line.strip()]
    return found or [Complaint("", lines[-1] if lines else "no message")]
