"""What every forge on another machine is asked before and with a merge.

A forge merges whatever Git can put together, two equal edits included. The gate merges what was decided: onto a base
that still holds what the change was made from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.adapters.forge.mirror import Mirror
from engine.core.errors import BadInput, ForgeRefused, MergeConflict, NotFound
from engine.core.untrusted import one_line

AGAIN = "Propose it again, on what is there now"
_TRAILER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def require_unchanged_base(mirror: Mirror, base: str, *, number: int, head: str) -> None:
    """What the head changes is on the base as it was when the change was made.

    Raises :class:`MergeConflict`, and :class:`ForgeRefused` where the base was rewritten.
    """
    where = f"pull request {number}"
    mirror.refresh()
    tip = mirror.ref(f"refs/heads/{base}")
    if tip is None:
        raise NotFound(f"there is no branch {base!r}", where=where)
    try:
        began = mirror.merge_base(tip, head)
    except NotFound:
        raise ForgeRefused(f"{base} was rewritten", where=where, remedy=AGAIN) from None
    for edit in mirror.changes(began, head):
        if mirror.read(tip, edit.path) != edit.before:
            message = f"merge conflict in {edit.path}: {base} has changed there since"
            raise MergeConflict(message, where=where, remedy=AGAIN)


def merge_title(number: int, title: str) -> str:
    """The first line of the merge commit."""
    return f"Merge pull request #{number}: {one_line(title, limit=72)}"


def trailer_lines(trailers: Mapping[str, str]) -> str:
    """The rest of it. Raises :class:`BadInput` for a trailer that a commit can't carry."""
    for name, value in trailers.items():
        if _TRAILER_NAME.fullmatch(name) is None or not value.isprintable() or not value.strip():
            raise BadInput("not a trailer that a commit can carry", where=f"trailer {name!r}")
    return "\n".join(f"{name}: {value}" for name, value in trailers.items())
