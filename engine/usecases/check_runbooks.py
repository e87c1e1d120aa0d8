"""Check runbooks: every recorded example is grouped and classified as an incident would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.classification import RunbookIndex
from engine.core.errors import BadInput
from engine.core.grouping import group
from engine.core.signal import Signal

Read = Callable[[str, Any, str], list[Signal]]


@dataclass(frozen=True, slots=True)
class Example:
    """One recorded payload of a source; ``matches`` says whether it has to be of the runbook's class."""

    runbook: str
    name: str
    source: str
    matches: bool
    payload: Any
    now: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one promise of a runbook holds, and what was found."""

    runbook: str
    check: str
    holds: bool
    found: str


def check_runbooks(index: RunbookIndex, examples: Sequence[Example], read: Read) -> list[Finding]:
    """One finding for each example, for each runbook without enough of them, and for each conflict of order.

    ``read`` gives the signals of a source's payload as of an instant.
    """
    found = [_example(index, example, read) for example in examples]
    for runbook in index.runbooks:
        own = [example for example in examples if example.runbook == runbook]
        for matches, kind in ((True, "match"), (False, "differ")):
            if not any(example.matches is matches for example in own):
                found.append(Finding(runbook, "has examples", False, f"no {kind}- example is recorded"))
    strays = sorted({example.runbook for example in examples} - set(index.runbooks))
    found += [Finding(stray, "has a runbook", False, "examples lie in a folder without a runbook") for stray in strays]
    found += [Finding(text.split(" ", 1)[0], "precedence", False, text) for text in index.conflicts()]
    return sorted(found, key=lambda finding: (finding.runbook, finding.check))


def _example(index: RunbookIndex, example: Example, read: Read) -> Finding:
    check = f"{example.name}.{example.source}"
    try:
        signals = read(example.source, example.payload, example.now)
    except BadInput as error:
        return Finding(example.runbook, check, False, str(error))
    classes = sorted({i.incident_class or _novel(i.candidates) for i in group(signals, index)})
    said = ", ".join(classes) if classes else f"no incident ({len(signals)} signals)"
    return Finding(example.runbook, check, (example.runbook in classes) is example.matches, said)


def _novel(candidates: tuple[str, ...]) -> str:
    return f"novel ({' or '.join(candidates)})" if candidates else "novel"
