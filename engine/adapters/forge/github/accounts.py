"""Accounts by what lasts: a login can be given up and taken by somebody else, the number behind it can't.

A commit only claims an e-mail address. What GitHub knows an account for becomes the account; what it doesn't stays
the address, which is nobody's.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from engine.adapters.forge.github.api import PAGE, GitHubApi
from engine.adapters.forge.github.documents import Actor, CommitDocument, Person
from engine.adapters.forge.github.queries import TEAMS, VIEWER
from engine.adapters.forge.github.trouble import Declined
from engine.core.errors import ForgeUnreachable
from engine.core.untrusted import one_line

NOBODY = "github:ghost"
TEAMS_SECONDS = 300
MOST_KNOWN = 2000
_NOREPLY = re.compile(r"([0-9]{1,12})\+[^@\s]{1,100}@users\.noreply\.github\.com")
_WEB = "noreply@github.com"


def account(number: int | None) -> str:
    """The lasting id of an account; ``NOBODY`` for one that is gone."""
    return NOBODY if number is None else f"github:{number}"


def account_of(actor: Actor | None) -> str:
    """The lasting id of who did something."""
    return NOBODY if actor is None else account(actor.id)


def named(person: Person | None) -> str:
    """Whom a commit names: an account, or an e-mail address; empty for GitHub's own editor and for nobody."""
    if person is None:
        return ""
    if person.user is not None and person.user.id is not None:
        return account(person.user.id)
    email = one_line(person.email or "").lower()
    found = _NOREPLY.fullmatch(email)
    return account(int(found[1])) if found else "" if email == _WEB else email


class Accounts:
    """Who the gate itself is, and which teams others belong to."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api
        self._own = ""
        self._teams: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()

    def own(self) -> str:
        """The gate's account."""
        if not self._own:
            found = self._api.query(VIEWER).get("viewer") or {}
            if not isinstance(found.get("databaseId"), int):
                raise ForgeUnreachable("GitHub doesn't say who the gate is", where=self._api.repository)
            self._own = account(found["databaseId"])
        return self._own

    def made(self, commit: CommitDocument) -> bool:
        """Whether the gate made a commit through GitHub, which signs what it makes.

        Author and committer can be claimed by anyone who pushes; GitHub's signature under them can't.
        """
        signed = commit.signature is not None and commit.signature.valid and commit.signature.by_github
        return signed and {named(person) for person in commit.authors} == {self.own()} == {named(commit.author)}

    def writers(self, commit: CommitDocument) -> set[str]:
        """Everybody whom a commit names as author, committer or co-author."""
        return {named(person) for person in (commit.author, commit.committer, *commit.authors)} - {""}

    def pushers(self, branch: str) -> set[str]:
        """The accounts that lately moved a branch, beside the gate: whatever names their commits carry."""
        found = self._api.get("/activity", ref=f"refs/heads/{branch}", per_page=PAGE) or []
        moved = {account((each.get("actor") or {}).get("id")) for each in found}
        return moved - {self.own()}

    def teams(self, login: str) -> tuple[str, ...]:
        """The teams, of the organisation that owns the repository, of who is called ``login`` now.

        Kept for ``TEAMS_SECONDS``. Empty where a person owns the repository.
        """
        known = self._teams.get(login)
        if known is not None and self._api.now() - known[0] < TEAMS_SECONDS:
            return known[1]
        found = self._read_teams(login)
        self._teams[login] = (self._api.now(), found)
        if len(self._teams) > MOST_KNOWN:
            self._teams.popitem(last=False)
        return found

    def _read_teams(self, login: str) -> tuple[str, ...]:
        organisation = self._api.repository.partition("/")[0]
        try:
            answer = self._api.query(TEAMS, org=organisation, logins=[login])
        except Declined:
            return ()
        teams = ((answer.get("organization") or {}).get("teams") or {}).get("nodes") or ()
        return tuple(sorted(f"github:{team['combinedSlug']}" for team in teams if team))
