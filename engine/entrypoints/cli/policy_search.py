"""What was tried of a sentence about a policy, and what broke it, as commands and checks tell it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.entrypoints.cli.output import say

if TYPE_CHECKING:
    from engine.core.policy_space import Space
    from engine.settings import Settings
    from engine.usecases.search_policy import Answer, Finding, Panel

WORKERS = 2
SHOWN_FIELDS = 4


@contextmanager
def panel(settings: Settings, space: Space, policies: Path, candidate: Path | None = None) -> Iterator[Panel]:
    """What puts inputs to a policy, and the same ones to a candidate, a few at a time."""
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import ExitStack

    from engine import wiring
    from engine.adapters.opa.space_files import world_of
    from engine.usecases.search_policy import Panel as MadePanel

    world = world_of(policies)
    with ExitStack() as held:
        engine = held.enter_context(wiring.policy_in_world(settings, policies, world, gist=True, say=say))
        whole = held.enter_context(wiring.policy_in_world(settings, policies, world, say=say))
        other = candidate and held.enter_context(wiring.policy_in_world(settings, candidate, world, gist=True, say=say))
        pool = held.enter_context(ThreadPoolExecutor(WORKERS))
        yield MadePanel(space, engine, whole=whole, candidate=other or None, mapped=pool.map)


def commands(space: Space, finding: Finding, folders: Sequence[Path]) -> list[str]:
    """A ``simulate`` command for each input that breaks a sentence; ``folders`` are the policies that were asked."""
    if finding.broken is None or finding.broken.trial.without:
        return []
    answers = finding.broken.answers
    asked = [folders[min(number, len(folders) - 1)] for number in range(len(answers))]
    return [_command(space, answer, folder, folders[0]) for answer, folder in zip(answers, asked, strict=True)]


def _command(space: Space, answer: Answer, folder: Path, home: Path) -> str:
    from engine.adapters.opa.space_files import BASE, FOLDER, world_of
    from engine.usecases.search_policy import edits_of

    words = ["penstock", "policy", "simulate", str(home / FOLDER / BASE), "--policies", str(folder)]
    words += ["--data", str(world_of(home))]
    edits = edits_of(space, answer)
    if any(path.startswith("time") for path in edits):
        words += ["--at", answer.document["time"]["instant"]]
    for path, value in edits.items():
        if not path.startswith("time"):
            words += ["--set", f"{path}={_word(value)}"]
    return shlex.join(words)


def _word(value: Any) -> str:
    from engine.core import canonical

    plain = isinstance(value, str) and value.replace("-", "").replace("_", "").isalpha()
    return value if plain and value not in ("true", "false", "null") else canonical.encode(value).decode()


def as_document(space: Space, finding: Finding, folders: Sequence[Path]) -> dict[str, Any]:
    """A finding in plain fields."""
    return {
        "name": finding.invariant.name,
        "says": finding.invariant.says,
        "holds": finding.holds,
        "evaluations": finding.evaluations,
        "met": finding.met,
        "exhausted": finding.exhausted,
        "sampled": finding.sampled,
        "broken": list(_broken(finding)),
        "commands": commands(space, finding, folders),
    }


def as_lines(space: Space, finding: Finding, folders: Sequence[Path]) -> list[str]:
    """A finding as a person reads it: the sentence, what was tried of it, and what breaks it."""
    mark = "holds" if finding.holds else "BROKEN"
    lines = [f"{mark:<6}  {finding.invariant.says} ({finding.invariant.name})"]
    lines += [f"        exhausted  {told}" for told in finding.exhausted]
    lines += [f"        sampled    {told}" for told in finding.sampled]
    lines += [f"        {told}" for told in _broken(finding)]
    return lines + [f"          {command}" for command in commands(space, finding, folders)]


def _broken(finding: Finding) -> Iterator[str]:
    if finding.field:
        yield f"the input document has the field {finding.field}"
    elif finding.broken is not None:
        without = finding.broken.trial.without
        left = f" without {without}, which no simulation can leave out" if without else ""
        yield "it says " + ", then ".join(_answered(answer) for answer in finding.broken.answers) + left
    elif not finding.holds:
        yield "it never applied to anything that was tried, so it says nothing: mend its conditions or the space"


def _answered(answer: Answer) -> str:
    said = answer.said
    asked = ", ".join(f"{count} more of {role}" for role, count in said.missing)
    return f"{said.gist}, tier {said.tier}" + (f" ({asked})" if asked else "")


def tried(findings: Sequence[Finding]) -> str:
    """All of it in one sentence."""
    held, spent = sum(finding.holds for finding in findings), sum(finding.evaluations for finding in findings)
    return f"{held} of {len(findings)} sentences hold, after {spent} evaluations"
