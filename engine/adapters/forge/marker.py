"""What the gate hides in the texts it writes, to find them again: a cache, and nobody's proof of anything.

Whoever may edit the text may edit what is hidden in it. So it is read only in what the gate's own account wrote,
and what it says is held against the ledger before anything follows from it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass

_STATE = re.compile(r"\n\n<!-- penstock-state: ([A-Za-z0-9+/=]{1,4000}) -->\s*\Z")
COMMENT, CLOSING = "<!-- penstock-comment -->", "<!-- penstock-closed -->"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Key, decision id and action digest of a pull request of the gate's."""

    key: str
    decision_id: str
    action_digest: str


def with_state(body: str, hidden: Hidden) -> str:
    """The text with ``hidden`` at its end, where no reader sees it."""
    data = json.dumps([hidden.key, hidden.decision_id, hidden.action_digest]).encode()
    return f"{body}\n\n<!-- penstock-state: {base64.b64encode(data).decode()} -->\n"


def split_state(text: str) -> tuple[str, Hidden | None]:
    """The text without what is hidden at its end, and that; ``None`` where it isn't there or isn't whole."""
    plain = text.replace("\r\n", "\n")
    found = _STATE.search(plain)
    if found is None:
        return plain, None
    try:
        values = json.loads(base64.b64decode(found[1], validate=True))
    except (ValueError, binascii.Error):
        values = None
    if not isinstance(values, list) or len(values) != 3 or not all(isinstance(value, str) for value in values):
        return plain, None
    return plain[: found.start()], Hidden(*values)


def marked(text: str, mark: str) -> str:
    """A comment that is found again by ``mark``."""
    return f"{mark}\n{text}"


def unmarked(text: str, mark: str) -> str | None:
    """The comment's text; ``None`` for one without the mark."""
    plain = text.replace("\r\n", "\n")
    return plain[len(mark) + 1 :] if plain.startswith(mark + "\n") else None
