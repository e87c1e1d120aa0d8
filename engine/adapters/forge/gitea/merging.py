"""Merging exactly what was decided.

1. What the head changes is still on the base as it was when the change was made.
2. Gitea is told which head it may merge, and refuses any other.
3. Gitea works out in the background whether it can merge, and declines while it does: that is waited for, bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.adapters.forge.gitea.api import GiteaApi, understood
from engine.adapters.forge.gitea.documents import PullDocument
from engine.adapters.forge.gitea.trouble import Declined
from engine.adapters.forge.merging import AGAIN, merge_title, trailer_lines
from engine.core.errors import ForgeRefused, ForgeUnreachable, MergeConflict, StaleReceipt

TRIES = 20
PAUSE_SECONDS = 0.25


def wait(seconds: float) -> None:
    """Let Gitea's background work go on."""
    threading.Event().wait(seconds)


def merge_at(
    api: GiteaApi, document: PullDocument, *, trailers: dict[str, str], pause: Callable[[float], None] = wait
) -> None:
    """Merge the document's head. Raises :class:`StaleReceipt`, :class:`MergeConflict` or :class:`ForgeRefused`."""
    where = f"pull request {document.number}"
    asked = {
        "do": "merge",
        "head_commit_id": document.head.head,
        "merge_title_field": merge_title(document.number, document.title),
        "merge_message_field": trailer_lines(trailers),
        "delete_branch_after_merge": False,
    }
    for _ in range(TRIES):
        try:
            api.send("POST", f"/pulls/{document.number}/merge", asked, where=where)
        except Declined as declined:
            if declined.status != 405 or "try again later" not in declined.message.lower():
                raise _refusal(declined, where) from None
        else:
            return
        pause(PAUSE_SECONDS)
    present = understood(PullDocument, api.get(f"/pulls/{document.number}"), where=where)
    if not present.mergeable:
        raise MergeConflict("merge conflict: Gitea can't merge it", where=where, remedy=AGAIN)
    raise ForgeUnreachable("Gitea is still working out whether it can merge", where=where, remedy="It is tried again")


def _refusal(declined: Declined, where: str) -> ForgeRefused:
    said = declined.message.lower()
    if declined.status == 409 and "out of date" in said:
        return StaleReceipt("the head has moved", where=where, remedy="Decide again on the present head")
    if declined.status == 409:
        return MergeConflict("merge conflict: Gitea can't merge it", where=where, remedy=AGAIN)
    return ForgeRefused(declined.message, where=where, remedy="See what the pull request still needs")
