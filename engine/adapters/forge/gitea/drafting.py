"""What the gate writes into a pull request: text, labels and who is asked; each only where it isn't so already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from engine.adapters.forge.drafting import body_anew, labels_of, texts_of
from engine.adapters.forge.gitea.api import GiteaApi, understood
from engine.adapters.forge.gitea.documents import PullDocument
from engine.adapters.forge.gitea.trouble import Declined
from engine.core.errors import MissingPermission
from engine.core.pull_request import PullRequestDraft

COLOUR = "#5b7083"
_TEAM = re.compile(r"(?:gitea:|@)?([A-Za-z0-9._-]{1,100})/([A-Za-z0-9._-]{1,100})")
_LOGIN = re.compile(r"@?([A-Za-z0-9][A-Za-z0-9._-]{0,99})")


def create(api: GiteaApi, draft: PullRequestDraft, *, base: str) -> PullDocument:
    """Make the pull request."""
    asked = {**texts_of(draft), "head": draft.branch, "base": base}
    return understood(PullDocument, api.send("POST", "/pulls", asked, where=draft.branch), where="pull request")


def bring_up_to_date(api: GiteaApi, draft: PullRequestDraft, document: PullDocument) -> None:
    """Make title and text say what the draft says."""
    wanted = texts_of(draft)
    if (document.title, document.body.replace("\r\n", "\n")) != (wanted["title"], wanted["body"]):
        api.send("PATCH", f"/pulls/{document.number}", wanted)


def set_labels(api: GiteaApi, draft: PullRequestDraft, document: PullDocument) -> None:
    """Make the labels those of the draft. A gate that may not make labels goes without those that aren't there."""
    wanted = labels_of(draft)
    if sorted(wanted) == sorted(label.name for label in document.labels or ()):
        return
    known = {str(label["name"]) for label in api.pages("/labels")}
    for name in wanted:
        if name not in known:
            with suppress(Declined, MissingPermission):
                api.send("POST", "/labels", {"name": name, "color": COLOUR})
                known.add(name)
    with suppress(Declined, MissingPermission):
        wanted = [name for name in wanted if name in known]
        api.send("PUT", f"/issues/{document.number}/labels", {"labels": wanted})


def rewrite(api: GiteaApi, document: PullDocument, body: str) -> None:
    """Write the text anew, with what was hidden in it."""
    api.send("PATCH", f"/pulls/{document.number}", {"body": body_anew(document.body, body)})


def request_reviews(api: GiteaApi, names: Sequence[str], number: int) -> None:
    """Ask those who are accounts or teams here; whom Gitea won't ask isn't asked, and whom it asks stays asked once."""
    people, teams = reviewers_of(names, owner=api.repository.partition("/")[0])
    for field, wanted in (("reviewers", people), ("team_reviewers", teams)):
        for name in wanted:
            with suppress(Declined, MissingPermission):
                api.send("POST", f"/pulls/{number}/requested_reviewers", {field: [name]})


def reviewers_of(names: Sequence[str], *, owner: str) -> tuple[list[str], list[str]]:
    """Logins and team names among the names, which may also be roles that are nobody on Gitea."""
    found = [_TEAM.fullmatch(name) for name in names]
    teams = [team[2] for team in found if team is not None and team[1].casefold() == owner.casefold()]
    return [person[1] for name in names if (person := _LOGIN.fullmatch(name)) is not None], teams
