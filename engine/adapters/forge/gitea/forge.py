"""Pull requests on Gitea or Forgejo: what the gate writes there, and what it takes from what others did.

State is always read from the server. Every step may be cut off between two requests, and calling it again finishes it:

* open: the commit is noted as the gate's and pushed, then the pull request is made or brought up to date. The same
  draft makes the same commit, so a branch that is there already is known again. Any other commit is somebody's work.
* merge: Gitea merges exactly the head that was decided, then the branch goes.
* close: the reason is said, then the pull request is closed, then the branch goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from engine.adapters.forge.gitea.accounts import Accounts
from engine.adapters.forge.gitea.api import GiteaApi, understood
from engine.adapters.forge.gitea.documents import PullDocument
from engine.adapters.forge.gitea.drafting import bring_up_to_date, create, request_reviews, rewrite, set_labels
from engine.adapters.forge.gitea.merging import merge_at
from engine.adapters.forge.gitea.protection import concerns
from engine.adapters.forge.gitea.reading import MARKER, Reader
from engine.adapters.forge.marker import CLOSING, COMMENT, marked
from engine.adapters.forge.merging import require_decided, require_open
from engine.adapters.forge.mirror import MADE, Mirror
from engine.core.change.model import Change
from engine.core.check_report import CHECK_NAME, CheckReport
from engine.core.errors import ForgeRefused, LostRace, NotFound
from engine.core.pull_request import PullRequest, PullRequestDraft, Review
from engine.core.untrusted import one_line

GATE = "penstock <penstock@localhost>"
DESCRIPTION_LIMIT = 250
ENDED_PAGES = 6


class GiteaForge:
    """Pull requests of one repository on Gitea, onto its branch ``base``."""

    def __init__(self, api: GiteaApi, accounts: Accounts, mirror: Mirror, *, base: str = "main") -> None:
        self._api = api
        self._accounts = accounts
        self._mirror = mirror
        self._base = base
        self._reader = Reader(api, accounts, mirror)

    def close_connections(self) -> None:
        """Let go of the connections to Gitea."""
        self._api.close()

    def concerns(self) -> Sequence[str]:
        """Ways past the gate that the repository's protection leaves open, one sentence each."""
        return concerns(self._api, self._accounts, self._base)

    def open(self, draft: PullRequestDraft, change: Change, *, at: str) -> PullRequest:
        """Open a pull request, or update the open one on the same branch in place.

        Raises :class:`ForgeRefused` when the branch holds a commit that the gate didn't make, :class:`ChangeRefused`
        when the change doesn't fit its base commit, and :class:`LostRace`; nothing has moved then.
        """
        if draft.branch == self._base:
            raise ForgeRefused("a pull request can't be on its own base", where=draft.branch)
        self._mirror.refresh()
        ref = f"refs/heads/{draft.branch}"
        standing, found = self._standing(draft.branch), self._mirror.ref(ref)
        commit = self._mirror.commit(change.base_commit, change.edits, message=draft.commit_message, author=GATE, at=at)
        if found not in (None, commit) and not self._is_own_work(standing, str(found)):
            remedy = "Merge or delete the branch by hand; the gate leaves it alone"
            raise ForgeRefused("the branch holds a commit that the gate didn't make", where=draft.branch, remedy=remedy)
        self._note_made(commit)
        if found != commit:
            self._mirror.push(commit, ref, found)
        document = standing or create(self._api, draft, base=self._base)
        bring_up_to_date(self._api, draft, document)
        set_labels(self._api, draft, document)
        request_reviews(self._api, draft.reviewers, document.number)
        self._keep_open(document.number)
        return self.get(document.number)

    def get(self, number: int) -> PullRequest:
        """One pull request. Raises :class:`NotFound`."""
        return self._reader.shown(self._document(number))

    def find(self, key: str) -> Sequence[PullRequest]:
        """Pull requests with a key, newest first: those open, and what ended among the newest few hundred."""
        own = self._accounts.own().login
        listed = list(self._listed(state="open", poster=own))
        listed += self._listed(state="closed", poster=own, most=ENDED_PAGES, whole=False)
        found = {each.number: each for each in listed if self._reader.hidden(each).key == key and key}
        return [self._reader.shown(found[number]) for number in sorted(found, reverse=True)]

    def list_open(self) -> Sequence[PullRequest]:
        """All open pull requests of the gate, newest first."""
        own = self._listed(state="open", poster=self._accounts.own().login)
        return self._newest([each for each in own if self._reader.hidden(each).key])

    def list_others(self) -> Sequence[PullRequest]:
        """All open pull requests onto the base that the gate didn't make, newest first."""
        listed = self._listed(state="open", base_branch=self._base)
        others = [each for each in listed if not self._reader.hidden(each).key]
        return self._newest([each for each in others if each.base.branch == self._base])

    def review(self, number: int, review: Review) -> PullRequest:  # noqa: ARG002 - whatever it says
        """Refused: nobody's word is put into their mouth. Raises :class:`ForgeRefused`."""
        url = self._document(number).url
        raise ForgeRefused("reviews are given on Gitea", where=_name(number), remedy=f"Review it at {url}")

    def rewrite(self, number: int, body: str) -> None:
        """Write its text anew. Raises :class:`ForgeRefused` for one that the gate didn't make."""
        rewrite(self._api, self._own(number), body)

    def ask(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask accounts and teams for a review."""
        request_reviews(self._api, reviewers, self._document(number).number)

    def comment(self, number: int, text: str) -> None:
        """Write the gate's one comment, replacing its earlier text."""
        self._say(self._document(number), text, COMMENT)

    def report(self, number: int, head: str, check: CheckReport, *, at: str) -> None:  # noqa: ARG002 - Gitea dates it
        """Say the required check on the head, as a status with one line of text. Raises :class:`NotFound`."""
        document = self._document(number)
        if document.head.head != head:
            raise NotFound(f"its head isn't {head}", where=_name(number), remedy="Decide on the present head")
        said = {
            "context": CHECK_NAME,
            "state": check.state,
            "description": one_line(check.title, limit=DESCRIPTION_LIMIT),
            "target_url": f"{document.url}{MARKER}{check.marker}" if check.marker else document.url,
        }
        self._api.send("POST", f"/statuses/{head}", said, where=_name(number))

    def merge(self, number: int, *, expected_head: str, trailers: dict[str, str], by: str, at: str) -> PullRequest:  # noqa: ARG002
        """Merge when the head is still ``expected_head`` and nothing it changes was changed on the base since.

        Raises :class:`StaleReceipt`, :class:`MergeConflict` or another :class:`ForgeRefused`; nothing moves then.
        """
        document = self._own(number)
        require_open(number, document.standing)
        shown = self._reader.shown(document)
        require_decided(self._mirror, shown, base=self._base, expected_head=expected_head)
        merge_at(self._api, document, trailers={**trailers, "Merged-by": one_line(by, limit=60)})
        self._remove(document)
        return self.get(number)

    def close(self, number: int, *, note: str, at: str) -> PullRequest:  # noqa: ARG002 - Gitea dates it
        """Close without merging, and say why. A branch that a person has edited stays. Raises :class:`ForgeRefused`."""
        document = self._own(number)
        require_open(number, document.standing)
        edited = self._reader.shown(document).edited_by_person
        self._say(document, note, CLOSING)
        self._api.send("PATCH", f"/pulls/{number}", {"state": "closed"})
        if not edited:
            self._remove(document)
        return self.get(number)

    def _document(self, number: int) -> PullDocument:
        found = self._api.get(f"/pulls/{number}")
        if found is None:
            self._api.require_repository()
            raise NotFound("there is no such pull request", where=_name(number))
        return understood(PullDocument, found, where=_name(number))

    def _listed(self, *, most: int = 40, whole: bool = True, **query: str) -> Iterable[PullDocument]:
        pages = self._api.pages("/pulls", most=most, whole=whole, **query)
        return (understood(PullDocument, each, where="pull requests") for each in pages)

    def _newest(self, documents: Iterable[PullDocument]) -> Sequence[PullRequest]:
        ordered = sorted(documents, key=lambda each: each.number, reverse=True)
        return [self._reader.shown(each) for each in ordered]

    def _keep_open(self, number: int) -> None:
        """Open it again where Gitea, late in closing what stood on an earlier branch of this name, closed this one."""
        document = self._document(number)
        if document.state != "open" and not document.merged:
            self._api.send("PATCH", f"/pulls/{number}", {"state": "open"})

    def _standing(self, branch: str) -> PullDocument | None:
        """The gate's open pull request of a branch."""
        own = self._listed(state="open", poster=self._accounts.own().login)
        return next((each for each in own if self._reader.is_own(each) and each.head.branch == branch), None)

    def _is_own_work(self, standing: PullDocument | None, head: str) -> bool:
        """Whether the gate made what a branch holds; what it pushed from elsewhere, its pull request tells."""
        if self._mirror.ref(MADE + head) is not None:
            return True
        if standing is None or standing.head.head != head:
            return False
        return not self._reader.shown(standing).edited_by_person

    def _note_made(self, commit: str) -> None:
        if self._mirror.ref(MADE + commit) is None:
            with suppress(LostRace):  # another process has made the very same
                self._mirror.move(MADE + commit, None, commit)

    def _say(self, document: PullDocument, text: str, mark: str) -> None:
        """Write the gate's own comment with this mark, once."""
        standing = self._reader.own_comment(self._reader.timeline(document), mark)
        if standing is None:
            self._api.send("POST", f"/issues/{document.number}/comments", {"body": marked(text, mark)})
        elif standing[1] != text:
            self._api.send("PATCH", f"/issues/comments/{standing[0]}", {"body": marked(text, mark)})

    def _own(self, number: int) -> PullDocument:
        document = self._document(number)
        if not self._reader.hidden(document).key:
            raise ForgeRefused("the gate didn't make it", where=_name(number), remedy="Its author ends it")
        return document

    def _remove(self, document: PullDocument) -> None:
        """Delete the branch where it still is at the head; a newer commit is somebody's work."""
        with suppress(LostRace):
            self._mirror.push(None, f"refs/heads/{document.head.branch}", document.head.head)


def _name(number: int) -> str:
    return f"pull request {number}"
