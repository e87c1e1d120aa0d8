"""``penstock policy prove``: take every rule away in turn, and see whether anybody would notice."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.entrypoints.cli.output import Form, say, write_json

if TYPE_CHECKING:
    from engine.core.mutant import Fate, Proof

STEP = 50

Folder = Annotated[
    Path | None, typer.Option("--policies", help="The policies folder; the shipped one unless given or set.")
]
Corpus = Annotated[
    Path | None, typer.Option(help="The corpus; corpus/cases.jsonl of the policies folder unless given.")
]
Output = Annotated[Form, typer.Option("-o", "--output", help="table, json or markdown.")]


def prove(policies: Folder = None, corpus: Corpus = None, output: Output = Form.table) -> int:
    """Damage every rule and every limit in turn; some scenario of the corpus has to end otherwise each time.

    A rule that can be removed unnoticed, or that no scenario makes speak, fails. Exits 1 then, or when fewer than 95 %
    of all mutants are noticed.

    Example: penstock policy prove -o markdown
    """
    from engine import wiring
    from engine.settings import read_settings

    settings = read_settings()
    folder = policies or settings.policies or wiring.shipped("policies")
    prover = wiring.prover(settings, folder, corpus or folder / "corpus" / "cases.jsonl", say=say)
    proof: Proof = prover.prove(_progress)
    if output is Form.json:
        write_json(_document(proof))
    else:
        typer.echo("\n".join(_lines(proof, markdown=output is Form.markdown)))
    return 0 if proof.holds else 1


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
