"""Running the ``opa`` command: no shell, a bound on time, and its complaints turned into file and line."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.errors import EvaluatorUnavailable

Binary = Callable[[], Path]
SECONDS = 120
_REMEDIES = {
    "undefined ref: input": "spell it as the schema of the input document does",
    "undefined function": "use a function that is defined, or a built-in that capabilities.json lists",
    "conflicting rules": "give one of them another name, or write both the same way",
    "multiple default rules": "keep one default",
    "rego_recursion_error": "break the circle: one of them has to do without the other",
    "yaml:": "write the annotation as YAML",
    "unsafe": "give the variable a value in the same body",
    "unused": "use it or take it away",
}
_CIRCLE = re.compile(r"data\.[\w.]+")
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
    """One error of the compiler: ``file:line`` or ``file:line:column`` (empty when it names none) and its text."""

    where: str
    text: str

    @property
    def remedy(self) -> str:
        """What to do about it, in words that complete the sentence of the error."""
        return next((todo for sign, todo in _REMEDIES.items() if sign in self.text), "correct what stands there")


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
    """The compiler's errors in what a command said, as JSON or as text; its last line when none names a place."""
    if told := _as_json(said):
        return told
    found = [Complaint(f"{m['file']}:{m['line']}", m["text"].strip()) for m in _PLACE.finditer(said)]
    lines = [line.removeprefix("error: ") for line in said.splitlines() if line.strip()]
    return found or [Complaint("", lines[-1] if lines else "no message")]


def told_once(several: Sequence[Complaint]) -> list[Complaint]:
    """One complaint a mistake: the longest of those about one place, and the first about each circle of rules."""
    kept: dict[str, Complaint] = {}
    for each in sorted(several, key=lambda one: -len(one.text)):
        kept.setdefault(each.where or each.text, each)
    found: dict[str, Complaint] = {}
    for each in several:
        circle = " ".join(sorted(set(_CIRCLE.findall(each.text)))) if "is recursive" in each.text else ""
        if each in kept.values():
            found.setdefault(circle or each.where or each.text, each)
    return list(found.values())


def _as_json(said: str) -> list[Complaint]:
    try:
        told = json.loads(said)["errors"]
        return [Complaint(_place(each.get("location") or {}), f"{each['code']}: {each['message']}") for each in told]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _place(location: dict[str, Any]) -> str:
    """File, line and column; the compiler counts columns from 1 and says 0 where a line was empty or ended."""
    return f"{location['file']}:{location['row']}:{location['col'] or 1}" if location.get("file") else ""
