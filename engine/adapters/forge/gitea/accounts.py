"""Who is who on Gitea: lasting ids instead of names, and teams as they are now.

An account can be renamed and its old name taken by somebody else, so a name is only shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from engine.adapters.forge.gitea.api import GiteaApi, understood
from engine.adapters.forge.gitea.documents import Account, CommitDocument, Team
from engine.adapters.forge.gitea.trouble import Declined
from engine.core.errors import MissingPermission

TEAMS_SECONDS = 10.0
NOBODY = "gitea:nobody"
_HIDDEN_ADDRESS = re.compile(r"(\d{1,18})\+[^@\s]+@noreply\.\S+")
_CO_AUTHOR = re.compile(r"^co-authored-by:[^<\n]*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)


def account(found: Account | None) -> str:
    """The lasting id; ``NOBODY`` for an account that is gone."""
    return f"gitea:{found.id}" if found is not None and found.id > 0 else NOBODY


class Accounts:
    """The gate's own account, the teams of the repository, and whose an e-mail address is."""

    def __init__(self, api: GiteaApi, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._own: Account | None = None
        self._teams: tuple[float, dict[int, tuple[str, ...]]] | None = None

    def own(self) -> Account:
        """The account that the token belongs to. Raises :class:`ForgeTrouble`."""
        if self._own is None:
            self._own = understood(Account, self._api.outside("/user"), where="user")
        return self._own

    def is_own(self, found: Account | None) -> bool:
        """Whether an account is the gate's."""
        return found is not None and found.id == self.own().id

    def teams(self, found: Account | None) -> tuple[str, ...]:
        """The teams with access to the repository that an account is in, at most ``TEAMS_SECONDS`` old."""
        now = self._clock()
        if self._teams is None or now - self._teams[0] > TEAMS_SECONDS:
            self._teams = (now, self._members())
        return self._teams[1].get(found.id, ()) if found is not None else ()

    def writers(self, commit: CommitDocument) -> Iterable[str]:
        """Everybody a commit names: accounts, and e-mail addresses of people without one."""
        text = commit.commit
        for found, person in ((commit.author, text.author), (commit.committer, text.committer)):
            if found is not None and found.id > 0:
                yield account(found)
            elif person is not None and person.email:
                yield self._of_address(person.email)
        for address in _CO_AUTHOR.findall(text.message):
            yield self._of_address(address)

    def _of_address(self, address: str) -> str:
        hidden = _HIDDEN_ADDRESS.fullmatch(address)
        if hidden is not None:
            return f"gitea:{hidden[1]}"
        found = self._api.outside("/users/search", q=address, limit=10)
        listed = found.get("data") if isinstance(found, dict) else None
        people = [understood(Account, each, where="users") for each in listed or ()]
        owner = next((each for each in people if each.email.casefold() == address.casefold()), None)
        return account(owner) if owner is not None else address.casefold()

    def _members(self) -> dict[int, tuple[str, ...]]:
        organisation = self._api.repository.partition("/")[0]
        found: dict[int, tuple[str, ...]] = {}
        for team in self._repository_teams():
            for member in self._of_team(f"/teams/{team.id}/members"):
                found[member.id] = (*found.get(member.id, ()), f"gitea:{organisation}/{team.name}")
        return found

    def _repository_teams(self) -> Sequence[Team]:
        """The organisation's teams that may see the repository; a person's repository has none."""
        try:
            return [understood(Team, each, where="teams") for each in self._api.get("/teams") or ()]
        except Declined:
            return ()

    def _of_team(self, path: str) -> Iterable[Account]:
        """The members of a team; a team that Gitea doesn't show the gate has none that count."""
        page = 1
        with suppress(Declined, MissingPermission):
            while items := self._api.outside(path, page=page, limit=50):
                yield from (understood(Account, each, where=path) for each in items)
                page += 1
