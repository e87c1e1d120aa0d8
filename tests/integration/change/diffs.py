"""A change as the lines a reviewer would see."""

from __future__ import annotations

import difflib

from engine.core.change.model import Change


def diff(change: Change | None) -> dict[str, list[str]]:
    """Removed and added lines by path."""
    assert change is not None
    found = {}
    for edit in change.edits:
        before, after = ((data or b"").decode().splitlines() for data in (edit.before, edit.after))
        lines = difflib.unified_diff(before, after, n=0, lineterm="")
        found[edit.path] = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return found
