"""Which looks an event of Gitea or Forgejo asks for.

Every kind of review, label and push to a pull request is an event of its own there; all of them begin alike and
carry the pull request.
"""

from __future__ import annotations

from typing import Any

from engine.adapters.forge.deliveries.payload import EVERYTHING, NOTHING, at, at_issue, read_payload
from engine.core.delivery import Look

_ABOUT_PULL_REQUESTS = "pull_request"


def looks_of(event: str, document: Any, *, repository: str, branch: str) -> tuple[Look, ...]:
    """The looks one event asks for, none for an unknown one. Raises :class:`BadInput` for a malformed one."""
    about_one = event.startswith(_ABOUT_PULL_REQUESTS)
    if not about_one and event not in ("issue_comment", "push", "repository"):
        return NOTHING
    payload = read_payload(document)
    if payload.elsewhere(repository):
        return NOTHING
    if about_one:
        return at(payload.pull_request or payload.issue, event)
    if event == "issue_comment":
        return at_issue(payload.issue)
    return EVERYTHING if event == "repository" or payload.pushed_to(branch) else NOTHING
