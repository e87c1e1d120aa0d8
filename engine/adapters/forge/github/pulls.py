"""Reading pull requests, few requests at a time.

Which are open is listed conditionally: while nothing changed, GitHub's answer costs none of the hourly allowance. Only
those that changed since are read, several with one question. A check or an edited review doesn't count as a change
for the listing, so that what was read is believed for ``FRESH_SECONDS`` at most, and never when one pull request is
asked for by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.adapters.forge.github.accounts import Accounts, account
from engine.adapters.forge.github.api import PAGE, GitHubApi
from engine.adapters.forge.github.commits import Commits
from engine.adapters.forge.github.documents import PullDocument, understood
from engine.adapters.forge.github.queries import ONE, SEVERAL
from engine.adapters.forge.github.reading import is_own, pull_request
from engine.adapters.forge.github.trouble import NOT_FOUND, Declined, gone
from engine.adapters.forge.marker import split_state
from engine.core.errors import ForgeUnreachable, NotFound
from engine.core.pull_request import PullRequest

FRESH_SECONDS = 1800
AT_ONCE = 20
RECENT_PAGES = 3


@dataclass(frozen=True, slots=True)
class _Seen:
    updated: str
    read: float
    shown: PullRequest
    own: bool


class Pulls:
    """The pull requests of a repository, as the gate tells them."""

    def __init__(self, api: GitHubApi, accounts: Accounts, commits: Commits) -> None:
        self._api = api
        self._accounts = accounts
        self._commits = commits
        self._seen: dict[int, _Seen] = {}

    def document(self, number: int) -> PullDocument:
        """One pull request as GitHub has it now. Raises :class:`NotFound`."""
        owner, _, name = self._api.repository.partition("/")
        where = f"pull request {number}"
        missing = NotFound("there is no such pull request", where=where)
        if not 0 < number < 2**31:
            raise missing
        try:
            repository = self._api.query(ONE, owner=owner, name=name, number=number).get("repository")
        except Declined as declined:
            if declined.status == NOT_FOUND:
                raise missing from None
            raise
        if repository is None:
            raise gone(self._api.repository)
        if repository.get("pullRequest") is None:
            raise missing
        self._seen.pop(number, None)
        return understood(PullDocument, repository["pullRequest"], where=where)

    def is_own(self, document: PullDocument) -> bool:
        """Whether the gate made it."""
        return is_own(document, self._accounts.own())

    def shown(self, document: PullDocument) -> PullRequest:
        """The pull request in the gate's words."""
        heads = [each.commit.oid for each in document.commits]
        return pull_request(document, self._accounts, app=self._api.app(), made=self._commits.known(heads))

    def open_ones(self, *, own: bool) -> Sequence[PullRequest]:
        """Those that are open, newest first: the gate's own, or everybody else's."""
        listed = sorted(self._api.pages("/pulls", state="open"), key=lambda each: -int(each["number"]))
        stale = [each for each in listed if not self._is_fresh(each)]
        self._read(stale)
        self._seen = {number: self._seen[number] for each in listed if (number := each["number"]) in self._seen}
        return [seen.shown for seen in self._seen.values() if seen.own == own and seen.shown.state == "open"]

    def with_key(self, key: str) -> Sequence[PullRequest]:
        """The gate's own with a key, newest first: those open, and what ended among the newest few hundred."""
        found = {each["number"]: each for each in self._recent() if self._has_key(each, key)}
        newest = sorted(found.values(), key=lambda each: -int(each["number"]))
        shown = [self.shown(document) for document in self._documents(newest)]
        return [each for each in shown if each.key == key]

    def _recent(self) -> Iterable[Any]:
        yield from self._api.pages("/pulls", state="open")
        for page in range(1, RECENT_PAGES + 1):
            listed = self._api.get("/pulls", state="all", sort="created", direction="desc", per_page=PAGE, page=page)
            yield from listed or []
            if len(listed or []) < PAGE:
                return

    def _has_key(self, listed: Any, key: str) -> bool:
        if account((listed.get("user") or {}).get("id")) != self._accounts.own():
            return False
        hidden = split_state(listed.get("body") or "")[1]
        return hidden is not None and hidden.key == key

    def _is_fresh(self, listed: Any) -> bool:
        seen = self._seen.get(listed["number"])
        return seen is not None and seen.updated == listed["updated_at"] and self._young(seen)

    def _young(self, seen: _Seen) -> bool:
        return self._api.now() - seen.read < FRESH_SECONDS

    def _read(self, listed: Sequence[Any]) -> None:
        updated = {each["number"]: each["updated_at"] for each in listed}
        for document in self._documents(listed):
            seen = _Seen(updated[document.number], self._api.now(), self.shown(document), self.is_own(document))
            self._seen[document.number] = seen

    def _documents(self, listed: Sequence[Any]) -> Iterable[PullDocument]:
        for first in range(0, len(listed), AT_ONCE):
            asked = [each["node_id"] for each in listed[first : first + AT_ONCE]]
            nodes = self._api.query(SEVERAL, ids=asked).get("nodes")
            if not isinstance(nodes, list):
                raise ForgeUnreachable("GitHub's answer isn't understood", where=self._api.repository)
            for node in nodes:
                if node is not None:
                    yield understood(PullDocument, node, where="pull request")
