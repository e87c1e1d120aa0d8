"""The linter of Rego, where somebody has it: it isn't fetched, and its absence is said rather than passed over."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from engine.adapters.opa.step import Step

SECONDS = 120
_NOTHING_FOUND, _FOUND = 0, (2, 3)


def lint(regal: Path | None, policies: Path, parts: Sequence[str]) -> Step:
    """What ``regal lint`` finds, by the configuration in ``.regal/`` of the folder or of one above it."""
    if regal is None:
        return Step("regal", True, "not run: regal isn't on PATH")
    command = [str(regal), "lint", "--format", "json", *parts]
    try:
        done = subprocess.run(command, cwd=policies, capture_output=True, timeout=SECONDS, check=False)
        violations = json.loads(done.stdout)["violations"] or []
        problems = [_sentence(policies, violation) for violation in violations]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        return Step("regal", False, "", [f"{regal}: didn't answer in its own form ({type(error).__name__})"])
    if done.returncode not in (_NOTHING_FOUND, *_FOUND):
        return Step("regal", False, "", [f"{regal}: ended with {done.returncode}"])
    return Step("regal", not problems, "regal lint", problems)


def _sentence(policies: Path, violation: dict[str, object]) -> str:
    place = violation["location"]
    if not isinstance(place, dict):
        raise TypeError(place)
    where = f"{policies / str(place['file'])}:{place['row']}:{place['col']}"
    return f"{where}: {violation['description']} ({violation['category']}/{violation['title']})"
