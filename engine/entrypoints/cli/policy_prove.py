"""``penstock policy prove``: take every rule away in turn, and try every sentence about the policy to break it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.entrypoints.cli.output import Form, say, write_json

if TYPE_CHECKING:
    from engine.core.mutant import Fate, Proof
    from engine.settings import Settings

STEP = 50
EVALUATIONS = 40_000


class Part(StrEnum):
    """What ``--only`` takes."""

    mutants = "mutants"
    invariants = "invariants"


Folder = Annotated[
    Path | None, typer.Option("--policies", help="The policies folder; the shipped one unless given or set.")
]
Corpus = Annotated[
    Path | None, typer.Option(help="The corpus; corpus/cases.jsonl of the policies folder unless given.")
]
Output = Annotated[Form, typer.Option("-o", "--output", help="table, json or markdown.")]


Only = Annotated[Part | None, typer.Option(help="Only the mutants, or only the invariants.")]
Rules = Annotated[list[str] | None, typer.Option("--rule", help="Only this rule's mutants; may be repeated.")]
Evaluations = Annotated[int, typer.Option(min=1, help="About how many evaluations the invariants may take.")]


def prove(
    *,
    policies: Folder = None,
    corpus: Corpus = None,
    only: Only = None,
    rule: Rules = None,
    evaluations: Evaluations = EVALUATIONS,
    output: Output = Form.table,
) -> int:
    """Damage every rule and limit in turn, which some scenario has to notice; then try to break every invariant.

    Exits 1 when a rule can be removed unnoticed or is never heard, when fewer than 95 % of all mutants are noticed,
    or when an invariant is broken. A full search takes --evaluations 1000000.

    Example: penstock policy prove --only invariants -o markdown
    """
    from engine import wiring
    from engine.settings import read_settings

    settings = read_settings()
    folder = policies or settings.policies or wiring.shipped("policies")
    told: dict[str, Any] = {}
    lines: list[str] = []
    holds = True
    searched = only is not Part.mutants and not rule
    if searched:
        wiring.policy_sentences(folder)  # one that can't be read is told before the mutants take their minutes
    if only is not Part.invariants:
        prover = wiring.prover(settings, folder, corpus or folder / "corpus" / "cases.jsonl", say=say)
        proof: Proof = prover.prove(_progress, rule or ())
        told, lines, holds = _document(proof), _lines(proof, markdown=output is Form.markdown), proof.holds
    if searched:
        found, more, sound = _invariants(settings, folder, corpus or wiring.policy_corpus(folder), evaluations)
        told, lines, holds = {**told, "invariants": found}, [*lines, *more], holds and sound
    if output is Form.json:
        write_json({**told, "holds": holds})
    else:
        typer.echo("\n".join(lines))
    return 0 if holds else 1


def _invariants(
    settings: Settings, folder: Path, cases: Path | None, evaluations: int
) -> tuple[list[dict[str, Any]], list[str], bool]:
    """What came of the invariants: as a document, as lines, and whether all hold."""
    from engine import wiring
    from engine.entrypoints.cli import policy_search
    from engine.usecases.search_policy import search

    space, sentences = wiring.policy_space(folder, cases), wiring.policy_sentences(folder)
    if cases is None:
        say("there is no corpus, so every input starts from base.json")
    with policy_search.panel(settings, space, folder) as panel:
        findings = list(search(space, sentences, panel, evaluations=evaluations, say=say))
    lines = [line for finding in findings for line in policy_search.as_lines(space, finding, [folder])]
    told = [policy_search.as_document(space, finding, [folder]) for finding in findings]
    return told, ["", *lines, "", policy_search.tried(findings)], all(finding.holds for finding in findings)


def _progress(done: int, of: int) -> None:
    if done % STEP == 0 or done == of:
        say(f"{done} of {of} mutants tried")


def _document(proof: Proof) -> dict[str, Any]:
    return {
        "holds": proof.holds,
        "percent_killed": round(proof.percent_killed, 1),
        "threshold": proof.threshold,
        "unreachable": list(proof.unreachable),
        "trials": [asdict(trial) for trial in proof.trials],
    }


def _lines(proof: Proof, *, markdown: bool) -> list[str]:
    counted = Counter((trial.mutant.damage, trial.fate) for trial in proof.trials)
    damages = list(dict.fromkeys(trial.mutant.damage for trial in proof.trials))
    heads = ["damage", "tried", "killed", "survived", "stillborn"]
    fates: tuple[Fate, ...] = ("killed", "survived", "stillborn")
    rows = [
        [damage, str(sum(counted[damage, fate] for fate in fates)), *(str(counted[damage, fate]) for fate in fates)]
        for damage in damages
    ]
    lines = _table(heads, rows, markdown=markdown)
    lines += ["", f"{proof.percent_killed:.1f} % of those that compile were noticed, {proof.threshold} % are wanted"]
    lines += [f"no scenario makes {rule} speak" for rule in proof.unreachable]
    lines += [f"nobody noticed: {m.rule}: {m.damage} at {m.where}: {' '.join(m.text.split())}" for m in proof.survivors]
    return lines


def _table(heads: list[str], rows: list[list[str]], *, markdown: bool) -> list[str]:
    if markdown:
        return [f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows]]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [heads, *rows]]
