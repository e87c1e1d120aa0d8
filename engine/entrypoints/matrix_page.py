"""The page on what may happen as HTML, for a file and for the console alike."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from engine.core.untrusted import one_line

if TYPE_CHECKING:
    from engine.core.policy_matrix import Matrix, Row


def matrix_body(page: Matrix, head: str) -> str:
    """What goes between the page's beginning and its end; everything in it is escaped."""
    parts = ["<h1>What may happen</h1>", f"<p>{escape(head)}</p>", _table(page.environments, page.rows)]
    for place, rows in page.places.items():
        parts += [f"<h2>Otherwise in {escape(one_line(place))}</h2>", _table(page.environments, rows)]
    when = "".join(_row("td", cells) for cells in page.situations.items())
    heads = ["when", "what can still be proposed, and what stops the rest"]
    parts += ["<h2>When</h2>", f'<div class="wide"><table>{_row("th", heads)}{when}</table></div>']
    return "\n".join(parts)


def _table(environments: Sequence[str], rows: Sequence[Row]) -> str:
    body = "".join(_row("td", [", ".join(row.kinds), *row.answers]) for row in rows)
    return f'<div class="wide"><table>{_row("th", ["action", *environments])}{body}</table></div>'


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(one_line(cell, limit=1000))}</{tag}>" for cell in cells) + "</tr>\n"
