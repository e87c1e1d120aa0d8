"""A forge with no service: pull requests live in the bare repository itself, next to the branches they are about.

Every step moves several refs, one after the other, and may be cut off between any two. So the order is chosen to be
taken up again:

* open: the pull request names its new head, then the branch moves there, then the pull request says so. A branch
  head that no pull request names was made by a person, and is left alone.
* merge: the base moves, then the pull request says ``merged``, then the branch goes. Once the base holds the head
  it is merged, whatever the files say yet.
* close: the pull request says ``closed``, then the branch goes.

Calling the same step again finishes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.adapters.forge.branch_store import BranchStore
from engine.adapters.forge.commit_writers import writers
from engine.adapters.forge.pull_document import Details, Pull, first, offered
from engine.adapters.forge.pulls import GATE, Pulls
from engine.core.change.model import Change
from engine.core.check_report import CheckReport
from engine.core.errors import BadInput, ChangeRefused, ForgeRefused, LostRace, NotFound, StaleReceipt
from engine.core.pull_request import PullRequest, PullRequestDraft, Review
from engine.core.untrusted import one_line

_TRAILER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class LocalForge:
    """Pull requests in a repository on this machine, onto its branch ``base``."""

    def __init__(self, store: BranchStore, *, base: str = "main") -> None:
        self._store = store
        self._base = base
        self._pulls = Pulls(store)

    def open(self, draft: PullRequestDraft, change: Change, *, at: str) -> PullRequest:
        """Open a pull request, or update the open one with the same key in place; earlier reviews stay, for their head.

        Raises :class:`ForgeRefused` when the branch holds a commit that the gate didn't make, and
        :class:`ChangeRefused` when the change doesn't fit its base commit; nothing has moved then.
        """
        if draft.branch == self._base:
            raise ForgeRefused("a pull request can't be on its own base", where=draft.branch)
        with self._store.exclusive():
            self._tip(self._base)
            standing = self._standing(draft)
            found = self._own_head(draft.branch)
            head = self._store.commit(
                change.base_commit, change.edits, message=draft.commit_message, author=GATE, at=at
            )
            if standing is None:
                standing = self._pulls.allot(first(draft, change, number=1, base=self._base, head=head, at=at), at)
            named = standing.knowing(head)
            self._pulls.write(standing, named, "Name the next head", at)
            if found != head:
                self._store.move(_branch_ref(draft.branch), found, head)
            opened = named.drafted(draft, change, head).with_details(state="open")
            return self._shown(self._pulls.write(named, opened, f"Open at {head}", at))

    def get(self, number: int) -> PullRequest:
        """One pull request. Raises :class:`NotFound`."""
        return self._seen(self._pulls.get(number))

    def find(self, key: str) -> Sequence[PullRequest]:
        """All pull requests with a key, newest first."""
        return [self._seen(pull) for pull in self._pulls.newest_first() if pull.details.key == key and _visible(pull)]

    def list_open(self) -> Sequence[PullRequest]:
        """All open pull requests of the gate, newest first."""
        return [pull for pull in self._open_ones() if pull.key]

    def list_others(self) -> Sequence[PullRequest]:
        """Open pull requests that people offered, newest first."""
        return [pull for pull in self._open_ones() if not pull.key]

    def offer(self, branch: str, *, author: str, title: str, at: str) -> PullRequest:
        """Make a pull request of a branch that a person pushed; one that is open already is given back.

        Raises :class:`NotFound` without such a branch, and :class:`ForgeRefused` for the gate's own and for the base.
        """
        with self._store.exclusive():
            head = self._store.ref(_branch_ref(branch))
            if head is None:
                raise NotFound(f"there is no branch {branch!r}", where=self._store.location, remedy="Push it first")
            standing = next((pull for pull in self._open_ones() if pull.branch == branch), None)
            if standing is not None and not standing.key:
                return standing
            if standing is not None or branch == self._base:
                raise ForgeRefused("it is the gate's own, or the base", where=branch, remedy="Offer another branch")
            nothing = Change(self._tip(self._base), (), "", verified=False)
            drawn = offered(branch, author, title, change=nothing, base=self._base, at=at).with_details(head=head)
            made = self._pulls.allot(drawn, at)
            return self._shown(self._pulls.write(made, made.with_details(state="open"), "Offered", at))

    def _open_ones(self) -> Iterator[PullRequest]:
        shown = (self._seen(pull) for pull in self._pulls.newest_first() if pull.details.state == "open")
        return (pull for pull in shown if pull.state == "open")

    def review(self, number: int, review: Review) -> PullRequest:
        """Add one review; the very same review again changes nothing. Raises :class:`ForgeRefused` unless open."""
        with self._store.exclusive():
            pull = self._open_pull(number)
            if review in pull.reviews:
                return self._shown(pull)
            added = pull.model_copy(update={"reviews": (*pull.reviews, review)})
            subject = f"{review.state} by {one_line(review.reviewer, limit=60)}"
            return self._shown(self._pulls.write(pull, added, subject, review.at))

    def rewrite(self, number: int, body: str) -> None:
        """Write its text anew. Raises :class:`ForgeRefused` for one that the gate didn't make."""
        with self._store.exclusive():
            pull = self._pulls.get(number)
            self._require_own(pull, "Its author writes it")
            rewritten = pull.model_copy(update={"body": body})
            self._pulls.write(pull, rewritten, "Text", self._pulls.last_written(number))

    def ask(self, number: int, reviewers: Sequence[str]) -> None:
        """Write down who is asked, beside who was."""
        with self._store.exclusive():
            pull = self._pulls.get(number)
            self._pulls.write(pull, pull.asking(reviewers), "Ask for reviews", self._pulls.last_written(number))

    def comment(self, number: int, text: str) -> None:
        """Write the gate's one comment, replacing its earlier text; also after the end, to tell how it went."""
        with self._store.exclusive():
            pull = self._pulls.get(number)
            commented = pull.model_copy(update={"comment": text})
            self._pulls.write(pull, commented, "Comment", self._pulls.last_written(number))

    def report(self, number: int, head: str, check: CheckReport, *, at: str) -> None:
        """Say the required check on a head commit; the same again changes nothing. Raises :class:`NotFound`."""
        with self._store.exclusive():
            pull = self._pulls.get(number)
            if self._shown(pull).head != head:
                raise NotFound(f"its head isn't {head}", where=_name(number), remedy="Decide on the present head")
            self._pulls.write(pull, pull.with_details(check=check, checked_head=head), f"Check: {check.state}", at)

    def merge(self, number: int, *, expected_head: str, trailers: dict[str, str], by: str, at: str) -> PullRequest:
        """Merge when the head is still ``expected_head`` and nothing it changes was changed on the base since.

        1. The pull request is open, and only the gate has written to its branch.
        2. Its head is ``expected_head``: :class:`StaleReceipt` otherwise.
        3. The base still descends from the commit that the change was made on, and holds the same files there.
        4. The base moves to the merge commit only from where it was in step 3: :class:`LostRace` otherwise.

        Raises :class:`ForgeRefused` for each of the others; nothing moves then.
        """
        with self._store.exclusive():
            pull = self._pulls.get(number)
            shown = self._shown(pull)
            if shown.state == "merged" and shown.head == expected_head and self._unfinished(pull):
                return self._conclude(pull, shown.merge_commit, shown.closed_at)
            self._require_open(shown)
            if shown.edited_by_person:
                raise ForgeRefused("a person has edited the branch", where=_name(number), remedy="Merge it by hand")
            if shown.head != expected_head or pull.details.head != expected_head:
                message = f"the head is {shown.head}, not {expected_head} as decided"
                raise StaleReceipt(message, where=_name(number), remedy="Decide again on the present head")
            tip = self._tip(pull.details.base)
            commit = self._merge_commit(pull, tip, _message(pull, trailers, _plain_name(by)), _plain_name(by), at)
            self._store.move(_branch_ref(pull.details.base), tip, commit)
            return self._conclude(pull, commit, at)

    def close(self, number: int, *, note: str, at: str) -> PullRequest:
        """Close without merging, and say why. A branch that a person has edited stays. Raises :class:`ForgeRefused`."""
        with self._store.exclusive():
            pull = self._pulls.get(number)
            shown = self._shown(pull)
            self._require_own(pull, "Its author closes it")
            if shown.state == "merged" or (pull.details.state == "closed" and not self._unfinished(pull)):
                self._require_open(shown)
            ended = pull.with_details(state="closed", closed_at=at, note=note)
            if pull.details.state != "closed":
                pull = self._pulls.write(pull, ended, "Close", at)
            self._remove_branch(pull)
            return self._shown(pull)

    def _merge_commit(self, pull: Pull, tip: str, message: str, by: str, at: str) -> str:
        details = pull.details
        if not self._store.descends(tip, details.base_commit):
            raise ForgeRefused(
                f"{details.base} was rewritten and no longer holds the commit this was made on",
                where=_name(details.number),
                remedy="Propose it again",
            )
        try:
            edits = self._store.changes(details.base_commit, details.head)
            return self._store.merge(
                (tip, details.head), edits, message=message, author=f"{by} <{_address(by)}>", at=at
            )
        except ChangeRefused as refusal:
            raise ForgeRefused(
                f"merge conflict in {refusal.where or 'the change'}: {details.base} has changed there since",
                where=_name(details.number),
                remedy="Propose it again, on what is there now",
            ) from refusal

    def _conclude(self, pull: Pull, commit: str, at: str) -> PullRequest:
        if pull.details.state != "merged":
            merged = pull.with_details(state="merged", merge_commit=commit, closed_at=at)
            pull = self._pulls.write(pull, merged, f"Merged as {commit}", at)
        self._remove_branch(pull)
        return self._shown(pull)

    def _remove_branch(self, pull: Pull) -> None:
        """Delete the branch where it holds the gate's own commit; a newer one is somebody's work."""
        branch = _branch_ref(pull.details.branch)
        found = self._store.ref(branch)
        if found is not None and found in pull.details.commits:
            try:
                self._store.move(branch, found, None)
            except LostRace:
                return

    def _unfinished(self, pull: Pull) -> bool:
        """Whether the files lag behind the base, or the branch behind the files: a step was cut off."""
        return pull.details.state == "open" or self._store.ref(_branch_ref(pull.details.branch)) == pull.details.head

    def _standing(self, draft: PullRequestDraft) -> Pull | None:
        """The pull request to go on with: the one open, or cut off while opening, with the same key and branch."""
        for pull in self._pulls.newest_first():
            if pull.details.key != draft.key or pull.details.state not in ("opening", "open"):
                continue
            shown = self._shown(pull)
            if shown.state != "open":
                self._note_end(pull, shown)
            elif pull.details.branch == draft.branch:
                return pull
            elif pull.details.state == "open":
                where = _name(shown.number)
                raise ForgeRefused(f"it is open on branch {shown.branch}", where=where, remedy="Close that one first")
        return None

    def _note_end(self, pull: Pull, shown: PullRequest) -> Pull:
        """Let the files say how a pull request ended, before a new one takes its branch's name."""
        ended = pull.with_details(state=shown.state, merge_commit=shown.merge_commit, closed_at=shown.closed_at)
        return self._pulls.write(pull, ended, f"Found {shown.state}", shown.closed_at)

    def _own_head(self, branch: str) -> str | None:
        """Where the branch is now. Raises :class:`ForgeRefused` when a commit there isn't the gate's."""
        found = self._store.ref(_branch_ref(branch))
        made = (pull.details.commits for pull in self._pulls.newest_first() if pull.details.branch == branch)
        if found is not None and not any(found in commits for commits in made):
            remedy = "Merge or delete the branch by hand; the gate leaves it alone"
            raise ForgeRefused("the branch holds a commit that the gate didn't make", where=branch, remedy=remedy)
        return found

    def _seen(self, pull: Pull) -> PullRequest:
        """As :meth:`_shown`, without the lock: a branch ahead of what was read may be another process's work."""
        shown = self._shown(pull)
        if not shown.edited_by_person:
            return shown
        latest = self._pulls.get(pull.details.number)
        return shown if latest == pull else self._shown(latest)

    def _shown(self, pull: Pull) -> PullRequest:
        """As it stands, branch and base considered: what they hold outweighs what the files say yet."""
        details = pull.details
        shown = pull.shown(url=f"file://{self._store.location}#{details.number}")
        if details.state != "open":
            return shown
        branch = self._store.ref(_branch_ref(details.branch))
        head = branch or details.head
        merge = self._merged_by(details, head)
        if merge is not None:
            return replace(shown, state="merged", head=head, merge_commit=merge[0], closed_at=merge[1])
        if branch is None:
            return replace(shown, state="closed", closed_at=self._pulls.last_written(details.number))
        said = details.check if details.checked_head == branch else None
        edited = branch not in details.commits
        wrote = self._writers(details, branch) if edited else ()
        return replace(shown, head=branch, edited_by_person=edited, writers=wrote, check=said)

    def _writers(self, details: Details, head: str) -> tuple[str, ...]:
        """Whom the branch's commits name that neither the gate made nor the base holds."""
        base = (commit.id for commit in self._store.between(self._tip(details.base), details.base_commit))
        return writers(self._store.between(head, details.base_commit), {*details.commits, *base})

    def _merged_by(self, details: Details, head: str) -> tuple[str, str] | None:
        """The commit that brought ``head`` into the base, and when; also where a person merged it by hand."""
        for commit in self._store.between(self._tip(details.base), details.base_commit):
            if head == commit.id or head in commit.parents[1:]:
                return commit.id, commit.at
        return None

    def _tip(self, base: str) -> str:
        found = self._store.ref(_branch_ref(base))
        if found is None:
            raise NotFound(f"there is no branch {base!r}", where=self._store.location)
        return found

    def _open_pull(self, number: int) -> Pull:
        pull = self._pulls.get(number)
        self._require_open(self._shown(pull))
        return pull

    def _require_own(self, pull: Pull, remedy: str) -> None:
        if not pull.details.key:
            raise ForgeRefused("the gate didn't make it", where=_name(pull.details.number), remedy=remedy)

    def _require_open(self, shown: PullRequest) -> None:
        if shown.state != "open":
            remedy = "Propose it again if it is still wanted"
            raise ForgeRefused(f"it is already {shown.state}", where=_name(shown.number), remedy=remedy)


def _visible(pull: Pull) -> bool:
    return pull.details.state != "opening"


def _branch_ref(branch: str) -> str:
    return f"refs/heads/{branch}"


def _name(number: int) -> str:
    return f"pull request {number}"


def _plain_name(by: str) -> str:
    """Who merged, as a commit and a trailer can say it."""
    return re.sub(r"[<>]", "", one_line(by, limit=60)).strip() or "penstock"


def _address(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+-]", "-", name) + "@localhost"


def _message(pull: Pull, trailers: dict[str, str], by: str) -> str:
    """The merge commit's message. Nothing in the title can become a line of its own, a trailer least of all."""
    for name, value in trailers.items():
        if _TRAILER_NAME.fullmatch(name) is None or not value.isprintable() or not value.strip():
            raise BadInput("not a trailer that a commit can carry", where=f"trailer {name!r}")
    lines = [f"Merge pull request {pull.details.number}: {one_line(pull.details.title, limit=72)}", ""]
    said = {**trailers, "Merged-by": by}
    return "\n".join(lines + [f"{name}: {value}" for name, value in said.items()]) + "\n"
