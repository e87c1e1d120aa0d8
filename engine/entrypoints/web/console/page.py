"""Pages: templates that escape everything, and headers that let a browser run nothing.

There is no script on any page and none may run. Every text is cleaned and escaped where it is put into a page, whoever
wrote it, so a template can't forget to.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.core.explanation import MARKS
from engine.core.untrusted import clean, one_line
from engine.entrypoints.web.console.visitor import Visitor
from engine.entrypoints.web.desk import Desk

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def page(template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """A page of a template and what it shows; ``visitor`` is ``None`` where nobody is signed in."""
    text = _templates().get_template(template).render({"visitor": None, "mode": "", "here": "", **shown})
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def page_for(visitor: Visitor, request: Request, template: str, **shown: Any) -> HTMLResponse:
    """The same for somebody who is signed in, with the switch and the place in the menu."""
    desk: Desk = request.app.state.desk
    mode = desk.gate.ports.ledger.run(lambda tx: tx.switch_mode())
    here = request.url.path.removeprefix("/console").strip("/").partition("/")[0]
    return page(template, visitor=visitor, mode=mode, here=here or "incidents", **shown)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(line=one_line, minute=_minute, words=_words)
    made.globals["marks"] = MARKS
    return made


def _cleaned(value: Any) -> Any:
    """What a template puts out: plain text is cleaned first; what the templates made themselves stays."""
    return clean(value, limit=20_000) if type(value) is str else value


def _minute(instant: str) -> str:
    """An RFC 3339 instant as people read it, to the minute and in UTC."""
    return f"{instant[:10]} {instant[11:16]}" if len(instant) >= 16 else instant


def _words(name: str) -> str:
    """A name with underscores as words."""
    return name.replace("_", " ")
