"""Pull requests on GitHub: what the gate writes there, and what it takes from what others did.

State is always read from GitHub. Every step may be cut off between two requests, and calling it again finishes it:

* open: the finished commit appears on the branch in one step, then the pull request is made or brought up to date.
  A branch that holds a commit of somebody else's is left alone.
* merge: GitHub merges exactly the head that was decided, then the branch goes.
* close: the reason is said, then the pull request is closed, then the branch goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from engine.adapters.forge.github.accounts import Accounts
from engine.adapters.forge.github.api import GitHubApi
from engine.adapters.forge.github.checks import say_run, say_status
from engine.adapters.forge.github.commits import Commits
from engine.adapters.forge.github.documents import PullDocument
from engine.adapters.forge.github.drafting import bring_up_to_date, create, request_reviews, rewrite, set_labels
from engine.adapters.forge.github.merging import merge_at
from engine.adapters.forge.github.protection import concerns
from engine.adapters.forge.github.pulls import Pulls
from engine.adapters.forge.github.reading import STATES
from engine.adapters.forge.marker import CLOSING, COMMENT, marked, unmarked
from engine.adapters.forge.merging import require_decided, require_open
from engine.adapters.forge.mirror import Mirror
from engine.core.change.model import Change
from engine.core.check_report import CheckReport
from engine.core.errors import ChangeRefused, ForgeRefused, LostRace, NotFound
from engine.core.pull_request import PullRequest, PullRequestDraft, Review


class GitHubForge:
    """Pull requests of one repository on GitHub, onto its branch ``base``."""

    def __init__(
        self, api: GitHubApi, accounts: Accounts, commits: Commits, mirror: Mirror, *, base: str = "main"
    ) -> None:
        self._api = api
        self._accounts = accounts
        self._commits = commits
        self._mirror = mirror
        self._base = base
        self._pulls = Pulls(api, accounts, commits)

    def close_connections(self) -> None:
        """Let go of the connections to GitHub."""
        self._api.close()

    def concerns(self) -> Sequence[str]:
        """Ways past the gate that the repository leaves open, one sentence each."""
        return tuple(concerns(self._api, self._accounts, self._base))

    def open(self, draft: PullRequestDraft, change: Change, *, at: str) -> PullRequest:
        """Open a pull request, or update the open one on the same branch in place.

        Raises :class:`ForgeRefused` when the branch holds a commit that the gate didn't make, :class:`ChangeRefused`
        when the change doesn't fit its base commit, and :class:`LostRace`; nothing has moved then.
        """
        if draft.branch == self._base:
            raise ForgeRefused("a pull request can't be on its own base", where=draft.branch)
        self._mirror.refresh()
        self._require_fit(change)
        number, found = self._standing(draft.branch), self._tip(draft.branch)
        if found is not None and not self._is_own_work(number, found):
            raise ForgeRefused("the branch holds a commit that the gate didn't make", where=draft.branch)
        if found is None or not self._holds(found, change):
            self._commits.publish(draft.branch, found, change, message=draft.commit_message, at=at)
        number = number or create(self._api, draft, base=self._base)
        document = self._pulls.document(number)
        bring_up_to_date(self._api, draft, document)
        set_labels(self._api, draft, document)
        request_reviews(self._api, draft.reviewers, number)
        return self.get(number)

    def get(self, number: int) -> PullRequest:
        """One pull request. Raises :class:`NotFound`."""
        return self._brought(self._pulls.shown(self._pulls.document(number)))

    def find(self, key: str) -> Sequence[PullRequest]:
        """Pull requests with a key, newest first: those open, and what ended among the newest few hundred."""
        return self._pulls.with_key(key)

    def list_open(self) -> Sequence[PullRequest]:
        """All open pull requests of the gate, newest first."""
        return self._pulls.open_ones(own=True)

    def list_others(self) -> Sequence[PullRequest]:
        """All open pull requests onto the base that the gate didn't make, newest first."""
        return [self._brought(pull) for pull in self._pulls.open_ones(own=False) if pull.base == self._base]

    def review(self, number: int, review: Review) -> PullRequest:  # noqa: ARG002 - whatever it says
        """Refused: nobody's word is put into their mouth. Raises :class:`ForgeRefused`."""
        url = self._pulls.document(number).url
        raise ForgeRefused("reviews are given on GitHub", where=f"pull request {number}", remedy=f"Review it at {url}")

    def rewrite(self, number: int, body: str) -> None:
        """Write its text anew. Raises :class:`ForgeRefused` for one that the gate didn't make."""
        rewrite(self._api, self._own(number), body)

    def ask(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask accounts and teams for a review, also those that gave one."""
        request_reviews(self._api, reviewers, self._pulls.document(number).number)

    def comment(self, number: int, text: str) -> None:
        """Write the gate's one comment, replacing its earlier text."""
        self._say(self._pulls.document(number), text, COMMENT)

    def report(self, number: int, head: str, check: CheckReport, *, at: str) -> None:  # noqa: ARG002 - GitHub dates it
        """Say the required check on the head, or on a merge queue's commit of it. Raises :class:`NotFound`."""
        document = self._pulls.document(number)
        if head != document.head and not self._is_queued(number, head):
            raise NotFound(f"its head isn't {head}", where=_name(number), remedy="Decide on the present head")
        if self._api.app() is not None:
            say_run(self._api, head, check)
        else:
            say_status(self._api, head, check, url=document.url)

    def merge(self, number: int, *, expected_head: str, trailers: dict[str, str], by: str, at: str) -> PullRequest:
        """Merge when the head is still ``expected_head`` and nothing it changes was changed on the base since.

        Raises :class:`StaleReceipt`, :class:`MergeConflict` or another :class:`ForgeRefused`; nothing moves then.
        """
        document = self._own(number)
        require_open(number, STATES[document.state])
        shown = self._pulls.shown(document)
        require_decided(self._mirror, shown, base=self._base, expected_head=expected_head)
        said = {**trailers, "Merged-by": by}
        commit = merge_at(self._api, document, base=self._base, trailers=said)
        self._remove(document.branch, document.head)
        done = self.get(number)
        return done if done.state == "merged" else replace(done, state="merged", merge_commit=commit, closed_at=at)

    def close(self, number: int, *, note: str, at: str) -> PullRequest:  # noqa: ARG002 - GitHub dates it
        """Close without merging, and say why. A branch that a person has edited stays. Raises :class:`ForgeRefused`."""
        document = self._own(number)
        require_open(number, STATES[document.state])
        edited = self._pulls.shown(document).edited_by_person
        self._say(document, note, CLOSING)
        self._api.send("PATCH", f"/pulls/{number}", {"state": "closed"})
        if not edited:
            self._remove(document.branch, document.head)
        return self.get(number)

    def _brought(self, pull: PullRequest) -> PullRequest:
        """The same, with its head, or what it was merged as, in the copy of the repository, where that is read."""
        wanted = pull.head if pull.state == "open" else pull.merge_commit
        if wanted:
            self._mirror.bring(wanted, pull.number)
        return pull

    def _require_fit(self, change: Change) -> None:
        for edit in change.edits:
            if self._mirror.read(change.base_commit, edit.path) != edit.before:
                remedy = "Build the change again on the present base"
                raise ChangeRefused("the base doesn't hold what the edit was made from", where=edit.path, remedy=remedy)

    def _standing(self, branch: str) -> int | None:
        """The gate's open pull request of a branch."""
        owner = self._api.repository.partition("/")[0]
        for listed in self._api.get("/pulls", state="open", head=f"{owner}:{branch}") or []:
            document = self._pulls.document(int(listed["number"]))
            if self._pulls.is_own(document) and document.state == "OPEN":
                return document.number
        return None

    def _tip(self, branch: str) -> str | None:
        found = self._api.get(f"/git/ref/heads/{branch}")
        return str(found["object"]["sha"]) if found is not None else None

    def _is_own_work(self, number: int | None, head: str) -> bool:
        """Whether all of a branch was made by the gate; without a pull request its last commit speaks for it."""
        if number is None:
            return self._commits.made(head)
        shown = self.get(number)
        return shown.head == head and not shown.edited_by_person

    def _holds(self, head: str, change: Change) -> bool:
        """Whether a head is the change on its base already, so that nothing new needs to be made."""
        try:
            if self._mirror.merge_base(change.base_commit, head) != change.base_commit:
                return False
            held = {edit.path: edit.after for edit in self._mirror.changes(change.base_commit, head)}
        except (NotFound, ChangeRefused):
            return False
        return held == {edit.path: edit.after for edit in change.edits}

    def _say(self, document: PullDocument, text: str, mark: str) -> None:
        """Write the gate's own comment with this mark, once."""
        found = [(each.id, unmarked(each.body, mark)) for each in document.comments if each.own]
        standing = next(((number, old) for number, old in found if old is not None), None)
        if standing is None:
            self._api.send("POST", f"/issues/{document.number}/comments", {"body": marked(text, mark)})
        elif standing[1] != text:
            self._api.send("PATCH", f"/issues/comments/{standing[0]}", {"body": marked(text, mark)})

    def _is_queued(self, number: int, head: str) -> bool:
        """Whether a commit is the one that the merge queue of the base tries this pull request with."""
        found = self._api.get(f"/git/matching-refs/heads/gh-readonly-queue/{self._base}/pr-{number}-") or []
        return any(ref["object"]["sha"] == head for ref in found)

    def _own(self, number: int) -> PullDocument:
        document = self._pulls.document(number)
        if not self._pulls.is_own(document):
            raise ForgeRefused("the gate didn't make it", where=_name(number), remedy="Its author ends it")
        return document

    def _remove(self, branch: str, head: str) -> None:
        """Delete the branch where it still is at ``head``; a newer commit is somebody's work."""
        with suppress(LostRace, NotFound):
            self._commits.remove(branch, head)


def _name(number: int) -> str:
    return f"pull request {number}"
