"""``penstock policy matrix``: what may happen now, on one page, for whoever is on call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.core.untrusted import one_line
from engine.entrypoints.cli.output import say, write_json
from engine.entrypoints.cli.policy_folder import Folder
from engine.entrypoints.matrix_page import matrix_body

if TYPE_CHECKING:
    from engine.core.policy_matrix import Matrix, Row


class Page(StrEnum):
    """What ``-o`` takes."""

    markdown = "markdown"
    html = "html"
    json = "json"


Output = Annotated[Page, typer.Option("-o", "--output", help="markdown, html or json.")]
At = Annotated[str | None, typer.Option(help="As of this RFC 3339 time; now unless given.")]
Data = Annotated[Path | None, typer.Option(help="Policy data laid over the shipped data.")]
_STYLE = (
    "body{font:15px/1.4 sans-serif;max-width:75rem;margin:1rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}@media print{body{font-size:10px}}"
)


def matrix(policies: Folder = None, data: Data = None, at: At = None, output: Output = Page.markdown) -> int:
    """What may happen alone, what needs whom and what never happens, per environment, by asking the policy.

    Nothing on the page is read from policy data: every cell is a verdict on a sound input.

    Example: penstock policy matrix -o html > matrix.html
    """
    from engine import wiring
    from engine.wiring.pages import policy_page

    instant = wiring.instant(at)
    page, revision = policy_page(policies, data, instant, say=say)
    head = f"Policy {revision}, as of {instant}, with the switch at normal and no review given."
    if output is Page.json:
        write_json({"revision": revision, "instant": instant, **asdict(page)})
    elif output is Page.html:
        typer.echo(_html(page, head))
    else:
        typer.echo(_markdown(page, head))
    return 0


def _markdown(page: Matrix, head: str) -> str:
    lines = ["# What may happen", "", head, "", *_table(page.environments, page.rows)]
    for place, rows in page.places.items():
        lines += ["", f"## Otherwise in {one_line(place)}", "", *_table(page.environments, rows)]
    lines += [
        "",
        "## When",
        "",
        "| when | what can still be proposed in production, and what stops the rest |",
        "|---|---|",
    ]
    return "\n".join([*lines, *(f"| {when} | {then} |" for when, then in page.situations.items())])


def _table(environments: Sequence[str], rows: Sequence[Row]) -> list[str]:
    heads = ["action", *environments]
    cells = [heads, ["---"] * len(heads), *([", ".join(row.kinds), *row.answers] for row in rows)]
    return [f"| {' | '.join(one_line(cell, limit=1000).replace('|', '/') for cell in row)} |" for row in cells]


def _html(page: Matrix, head: str) -> str:
    begin = '<!doctype html><html lang="en"><meta charset="utf-8">'
    return f"{begin}<title>What may happen</title><style>{_STYLE}</style>{matrix_body(page, head)}</html>"
