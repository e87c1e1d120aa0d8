"""What every forge on another machine is asked before and with a merge.

A forge merges whatever Git can put together, two equal edits included. The gate merges what was decided: onto a base
that still holds what the change was made from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.adapters.forge.mirror import Mirror
from engine.core.errors import BadInput, ForgeRefused, MergeConflict, NotFound, StaleReceipt
from engine.core.pull_request import PullRequest, PullRequestState
from engine.core.untrusted import one_line

AGAIN = "Propose it again, on what is there now"
_TRAILER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def require_decided(mirror: Mirror, shown: PullRequest, *, base: str, expected_head: str) -> None:
    """It is open onto ``base`` at the decided head, the gate's work alone, and the base holds what it was made from.

    Raises :class:`StaleReceipt`, :class:`MergeConflict` or another :class:`ForgeRefused`.
    """
    where = f"pull request {shown.number}"
    require_open(shown.number, shown.state)
    if shown.base != base:
        raise ForgeRefused(f"its base was changed to {shown.base}", where=where, remedy="Change it back")
    if shown.edited_by_person:
        raise ForgeRefused("a person has edited the branch", where=where, remedy="Merge it by hand")
    if shown.head != expected_head:
        message = f"the head is {shown.head}, not {expected_head} as decided"
        raise StaleReceipt(message, where=where, remedy="Decide again on the present head")
    _require_unchanged_base(mirror, base, where=where, head=shown.head)


def require_open(number: int, state: PullRequestState) -> None:
    """Raises :class:`ForgeRefused` for one that has ended."""
    if state != "open":
        remedy = "Propose it again if it is still wanted"
        raise ForgeRefused(f"it is already {state}", where=f"pull request {number}", remedy=remedy)


def _require_unchanged_base(mirror: Mirror, base: str, *, where: str, head: str) -> None:
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
