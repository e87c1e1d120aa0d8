"""What the gate writes into a pull request: text, labels and who is asked; each only where it isn't so already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from engine.adapters.forge.drafting import body_anew, labels_of, texts_of
from engine.adapters.forge.github.api import GitHubApi
from engine.adapters.forge.github.documents import PullDocument
from engine.adapters.forge.github.trouble import Declined
from engine.core.pull_request import PullRequestDraft

_TEAM = re.compile(r"(?:github:|@)?([A-Za-z0-9-]{1,39})/([A-Za-z0-9._-]{1,100})")
_LOGIN = re.compile(r"@?([A-Za-z0-9](?:-?[A-Za-z0-9]){0,38})")


def create(api: GitHubApi, draft: PullRequestDraft, *, base: str) -> int:
    """Make the pull request; its number."""
    asked = {**texts_of(draft), "head": draft.branch, "base": base, "maintainer_can_modify": False}
    made: Any = api.send("POST", "/pulls", asked)
    return int(made["number"])


def bring_up_to_date(api: GitHubApi, draft: PullRequestDraft, document: PullDocument) -> None:
    """Make title and text say what the draft says."""
    wanted = texts_of(draft)
    if (document.title, document.body.replace("\r\n", "\n")) != (wanted["title"], wanted["body"]):
        api.send("PATCH", f"/pulls/{document.number}", wanted)


def set_labels(api: GitHubApi, draft: PullRequestDraft, document: PullDocument) -> None:
    """Make the labels those of the draft; GitHub makes those that it doesn't know."""
    wanted = labels_of(draft)
    if sorted(wanted) != sorted(label.name for label in document.labels or ()):
        api.send("PUT", f"/issues/{document.number}/labels", {"labels": wanted})


def rewrite(api: GitHubApi, document: PullDocument, body: str) -> None:
    """Write the text anew, with what was hidden in it."""
    api.send("PATCH", f"/pulls/{document.number}", {"body": body_anew(document.body, body)})


def request_reviews(api: GitHubApi, names: Sequence[str], number: int) -> None:
    """Ask those who are accounts or teams here; whom GitHub won't ask isn't asked."""
    people, teams = reviewers_of(names, owner=api.repository.partition("/")[0])
    for body in ({"reviewers": people}, {"team_reviewers": teams}):
        if any(body.values()):
            with suppress(Declined):
                api.send("POST", f"/pulls/{number}/requested_reviewers", body)


def reviewers_of(names: Sequence[str], *, owner: str) -> tuple[list[str], list[str]]:
    """Logins and team slugs among the names, which may also be roles that are nobody on GitHub."""
    found = [_TEAM.fullmatch(name) for name in names]
    teams = [team[2] for team in found if team is not None and team[1].lower() == owner.lower()]
    return [person[1] for name in names if (person := _LOGIN.fullmatch(name)) is not None], teams
