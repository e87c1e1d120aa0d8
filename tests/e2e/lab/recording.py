"""The recorded incident as if it happened now: every instant in it moved by the same distance.

A served gate has the machine's clock and no other, so the recording goes to it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.adapters.git.history_file import make_repository, read_steps
from engine.core import canonical
from engine.core.moment import format_instant, parse_instant

ROOT = Path(__file__).parents[3]
RECORDING = ROOT / "gitops" / "recordings" / "payments-crash-loop"
_INSTANT = re.compile(r"\b(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")


def recorded_now(folder: Path, *, ago_seconds: int = 45) -> tuple[Path, Path]:
    """The cluster while the incident goes on, and its GitOps repository; both were so ``ago_seconds`` ago."""
    facts = canonical.parse((RECORDING / "recording.json").read_bytes(), where="recording.json")
    distance = datetime.now(UTC) - timedelta(seconds=ago_seconds) - parse_instant(facts["phases"]["during"]["at"])
    cluster, repository = folder / "cluster", folder / "history.git"
    cluster.mkdir()
    for file in (RECORDING / "during").iterdir():
        (cluster / file.name).write_text(_moved(file.read_text(), distance))
    (cluster / "recording.json").write_text('{"cluster": "prod-eu"}')
    steps = [
        step.model_copy(update={"date": format_instant(parse_instant(step.date) + distance)})
        for step in read_steps(RECORDING / "history.yaml")
    ]
    make_repository(repository, ROOT / "gitops" / "workloads", steps)
    return cluster, repository


def _moved(text: str, distance: timedelta) -> str:
    def later(found: re.Match[str]) -> str:
        moved = format_instant(parse_instant(f"{found[1]}Z") + distance)
        return moved[:-1] + (found[2] or "") + "Z"

    return _INSTANT.sub(later, text)
