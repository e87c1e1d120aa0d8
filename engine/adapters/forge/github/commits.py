"""How a head commit comes to be on GitHub: made there and signed by it, or pushed with a deploy key.

Either way the branch moves in one step from where it was seen to the finished commit. Making the commit on the
branch itself would leave it at the base for a moment, and GitHub closes a pull request that has nothing in it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Protocol

from engine.adapters.forge.github.accounts import Accounts
from engine.adapters.forge.github.api import GitHubApi
from engine.adapters.forge.github.documents import CommitDocument, understood
from engine.adapters.forge.github.queries import COMMIT, MAKE_COMMIT, MOVE, REPOSITORY
from engine.adapters.forge.github.trouble import NOT_FOUND, Declined
from engine.adapters.forge.mirror import MADE, Mirror
from engine.core.change.model import Change, FileEdit
from engine.core.errors import ChangeRefused, ForgeUnreachable, LostRace

NOTHING = "0" * 40
GATE = "penstock <penstock@localhost>"


class Commits(Protocol):
    """Makes head commits, moves branches and knows its own."""

    def publish(self, branch: str, found: str | None, change: Change, *, message: str, at: str) -> str:
        """Make the commit and move ``branch`` to it from ``found``. Raises :class:`LostRace`; nothing moved then."""
        ...

    def remove(self, branch: str, head: str) -> None:
        """Delete the branch where it is at ``head``. Raises :class:`LostRace`."""
        ...

    def made(self, head: str) -> bool:
        """Whether the gate made this commit."""
        ...

    def known(self, heads: Sequence[str]) -> frozenset[str]:
        """Those among them that the gate made and GitHub can't tell to be its."""
        ...


class SignedCommits:
    """Commits that GitHub makes and signs for the gate's account."""

    def __init__(self, api: GitHubApi, accounts: Accounts) -> None:
        self._api = api
        self._accounts = accounts
        self._repository_id = ""

    def publish(
        self,
        branch: str,
        found: str | None,
        change: Change,
        *,
        message: str,
        at: str,  # noqa: ARG002 - GitHub's clock dates it
    ) -> str:
        scratch = f"{branch}-next"
        self._prepare(scratch, change.base_commit)
        headline, _, body = message.partition("\n")
        written = {
            "branch": {"repositoryNameWithOwner": self._api.repository, "branchName": scratch},
            "message": {"headline": headline, "body": body.strip("\n")},
            "fileChanges": _file_changes(change.edits),
            "expectedHeadOid": change.base_commit,
        }
        answer = self._api.mutate(MAKE_COMMIT, input=written)
        commit = ((answer.get("createCommitOnBranch") or {}).get("commit") or {}).get("oid")
        if not isinstance(commit, str):
            raise ForgeUnreachable("GitHub doesn't say which commit it made", where=branch)
        self._move([(branch, found or NOTHING, commit), (scratch, commit, NOTHING)])
        return commit

    def remove(self, branch: str, head: str) -> None:
        self._move([(branch, head, NOTHING)])

    def made(self, head: str) -> bool:
        owner, _, name = self._api.repository.partition("/")
        answer = self._api.query(COMMIT, owner=owner, name=name, oid=head)
        found = (answer.get("repository") or {}).get("object") or {}
        if found.get("__typename") != "Commit":
            return False
        return self._accounts.made(understood(CommitDocument, found, where=head))

    def known(self, heads: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - its signatures tell
        return frozenset()

    def _prepare(self, scratch: str, base: str) -> None:
        """A branch at ``base`` that only the gate uses; one that a crash left is taken back there."""
        found = self._api.get(f"/git/ref/heads/{scratch}")
        try:
            if found is None:
                self._api.send("POST", "/git/refs", {"ref": f"refs/heads/{scratch}", "sha": base})
            elif found["object"]["sha"] != base:
                self._api.send("PATCH", f"/git/refs/heads/{scratch}", {"sha": base, "force": True})
        except Declined as declined:
            if declined.status != 422:
                raise
            remedy = "Propose it again, on what is there now"
            raise ChangeRefused("GitHub has no such commit to start from", where=base, remedy=remedy) from None

    def _move(self, moves: Sequence[tuple[str, str, str]]) -> None:
        updates: list[dict[str, Any]] = [
            {"name": f"refs/heads/{name}", "beforeOid": old, "afterOid": new, "force": True} for name, old, new in moves
        ]
        try:
            self._api.mutate(MOVE, input={"repositoryId": self._node(), "refUpdates": updates})
        except Declined as declined:
            if declined.status not in (NOT_FOUND, 422):
                raise
            remedy = "Look at what is there now, and try again"
            raise LostRace("the branch is elsewhere on the forge", where=moves[0][0], remedy=remedy) from None

    def _node(self) -> str:
        if not self._repository_id:
            owner, _, name = self._api.repository.partition("/")
            found = self._api.query(REPOSITORY, owner=owner, name=name).get("repository") or {}
            self._repository_id = str(found.get("id") or "")
        return self._repository_id


class PushedCommits:
    """Commits made on this machine and pushed with a deploy key, which names no account.

    Nothing on GitHub says that the gate made them, so their ids are kept in the mirror, where nobody else writes.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def publish(self, branch: str, found: str | None, change: Change, *, message: str, at: str) -> str:
        commit = self._mirror.commit(change.base_commit, change.edits, message=message, author=GATE, at=at)
        if commit == found:
            return commit
        if not self.made(commit):
            self._mirror.move(MADE + commit, None, commit)
        self._mirror.push(commit, f"refs/heads/{branch}", found)
        return commit

    def remove(self, branch: str, head: str) -> None:
        self._mirror.push(None, f"refs/heads/{branch}", head)

    def made(self, head: str) -> bool:
        return self._mirror.ref(MADE + head) is not None

    def known(self, heads: Sequence[str]) -> frozenset[str]:
        return frozenset(head for head in heads if self.made(head))


def _file_changes(edits: Sequence[FileEdit]) -> dict[str, Any]:
    contents = {edit.path: edit.after for edit in edits}
    return {
        "additions": [
            {"path": path, "contents": base64.b64encode(after).decode()}
            for path, after in contents.items()
            if after is not None
        ],
        "deletions": [{"path": path} for path, after in contents.items() if after is None],
    }
