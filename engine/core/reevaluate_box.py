"""The box that whoever reads a pull request ticks to have policy asked again. Nothing else of an edited text is read.

It comes after everything that anybody else wrote, so the last one in a text is the gate's.
"""

from __future__ import annotations

import re

from engine.core.pull_request import PullRequest

BOX = "<!-- penstock-reevaluate -->"
EMPTY = f"- [ ] {BOX} Re-evaluate"

_BOX = re.compile(rf"^([-*] \[)([ xX])(\] {re.escape(BOX)})", re.MULTILINE)


def asked_again(pull_request: PullRequest) -> bool:
    """Whether somebody ticked it, in the gate's comment or in the text of a pull request of the gate's own.

    Who doesn't matter: asking again is free, and changes no answer.
    """
    own_text = pull_request.body if pull_request.key else ""
    return any(ticked(text) for text in (*pull_request.comments, own_text))


def ticked(text: str) -> bool:
    """Whether the box in a text is ticked; it isn't where there is none."""
    found = _BOX.findall(text.replace("\r\n", "\n"))
    return bool(found) and found[-1][1] != " "


def unticked(text: str) -> str:
    """The text with its box empty."""
    *_, last = _BOX.finditer(text)
    return f"{text[: last.start(2)]} {text[last.end(2) :]}"
