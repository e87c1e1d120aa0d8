"""How answers look on a terminal and in a pipe: data on stdout, everything else on stderr."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import orjson
import typer

from engine.core.decision import Decision
from engine.core.explanation import MARKS, Node, as_lines, explain
from engine.core.lifecycle import ProposalState
from engine.core.untrusted import one_line

EXIT_CODES = {"allow": 0, "deny": 1, "require_approval": 3}
_COLOURS = {"ok": typer.colors.GREEN, "no": typer.colors.RED, "ask": typer.colors.YELLOW, "info": None}


class Form(StrEnum):
    """What ``-o`` takes."""

    table = "table"
    json = "json"
    markdown = "markdown"


def write_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def write_decision(decision: Decision, form: Form) -> int:
    """A decision in the form asked for; returns the exit code that it means."""
    if form is Form.json:
        write_json(decision.model_dump(mode="json"))
    elif form is Form.markdown:
        typer.echo("```text\n" + "\n".join(as_lines(explain(decision))) + "\n```")
    else:
        write_tree(explain(decision))
        typer.echo(f"\n{decision.decision_id}  policy {decision.policy.revision}  until {decision.expires_at}")
    return EXIT_CODES[decision.outcome]


def write_proposed(made: ProposalState, form: Form) -> int:
    """What became of a proposal, then its decision in the form asked for; returns the exit code that it means."""
    say(f"{made.id} is {made.status}" + (f", pull request {made.pull_request}" if made.pull_request else ""))
    assert made.verdict is not None  # noqa: S101 - a proposal without a decision was raised as CouldNotDecide
    return write_decision(made.verdict, form)


def write_tree(node: Node, depth: int = 0) -> None:
    """The explanation with one colour a status, plain where the terminal has none."""
    mark = typer.style(MARKS[node.status], fg=_COLOURS[node.status], bold=depth == 0)
    typer.echo(f"{'  ' * depth}{mark} {one_line(node.text, limit=1000)}")
    for child in node.children:
        write_tree(child, depth + 1)


def write_rows(heads: list[str], rows: list[list[str]]) -> None:
    """A table as wide as its content; long text is cut, and nothing from outside can move the cursor."""
    cells = [heads, *[[one_line(cell, limit=72) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for number, row in enumerate(cells):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        typer.echo(typer.style(line, bold=True) if number == 0 else line)


def say(text: str) -> None:
    """Progress, on stderr."""
    typer.echo(text, err=True)
