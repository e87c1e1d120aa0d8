"""A forge in memory: the port's promises without Git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.core import canonical
from engine.core.change.model import Change
from engine.core.check_report import CheckReport
from engine.core.errors import ChangeRefused, ForgeRefused, NotFound, StaleReceipt
from engine.core.pull_request import PullRequest, PullRequestDraft, Review

Files = Mapping[str, bytes]


@dataclass
class Kept:
    """A pull request, with the change its head makes and all heads the gate made."""

    shown: PullRequest
    change: Change
    heads: set[str] = field(default_factory=set)
    comment: str = ""
    checks: dict[str, CheckReport] = field(default_factory=dict)


class MemoryForge:
    """Implements ``engine.ports.Forge`` on files that are kept by commit id."""

    def __init__(self, files: Files, *, base: str = "main") -> None:
        self.commits: dict[str, Files] = {}
        self.branches: dict[str, str] = {}
        self.trailers: dict[str, dict[str, str]] = {}
        self._base = base
        self._kept: dict[int, Kept] = {}
        self.branches[base] = self.store(files, "import")

    def store(self, files: Files, *salt: str) -> str:
        """Keep files as a commit; the same files and salt have the same id."""
        contents = {path: canonical.digest_bytes(data) for path, data in files.items()}
        identity = canonical.digest([contents, list(salt)]).removeprefix("sha256:")[:40]
        self.commits[identity] = dict(files)
        return identity

    def open(self, draft: PullRequestDraft, change: Change, *, at: str) -> PullRequest:
        standing = next((kept for kept in self._kept.values() if self._is_open(kept, draft.key)), None)
        if draft.branch in self.branches and (
            standing is None or self.branches[draft.branch] not in standing.heads or draft.branch == self._base
        ):
            raise ForgeRefused("the branch holds a commit that the gate didn't make", where=draft.branch)
        files = _edited(self.commits[change.base_commit], change)
        head = self.store(files, change.base_commit, draft.commit_message, at)
        number = standing.shown.number if standing else len(self._kept) + 1
        kept = standing or Kept(_begin(draft, number, self._base, at), change)
        kept.change = change
        kept.heads.add(head)
        kept.shown = replace(
            kept.shown,
            head=head,
            title=draft.title,
            body=draft.body,
            author=draft.author,
            labels=draft.labels,
            reviewers=_all(kept.shown.reviewers, draft.reviewers),
            action_digest=draft.action_digest,
            decision_id=draft.decision_id,
        )
        self._kept[number] = kept
        self.branches[draft.branch] = head
        return kept.shown

    def get(self, number: int) -> PullRequest:
        kept = self._of(number)
        branch = self.branches.get(kept.shown.branch)
        if kept.shown.state == "open" and branch is not None:
            said = kept.checks.get(branch)
            return replace(kept.shown, head=branch, edited_by_person=branch not in kept.heads, check=said)
        return kept.shown

    def find(self, key: str) -> Sequence[PullRequest]:
        return [self.get(number) for number in sorted(self._kept, reverse=True) if self._kept[number].shown.key == key]

    def list_open(self) -> Sequence[PullRequest]:
        return [pull for pull in self._open_ones() if pull.key]

    def list_others(self) -> Sequence[PullRequest]:
        return [pull for pull in self._open_ones() if not pull.key]

    def offer(self, branch: str, *, author: str, title: str, at: str) -> PullRequest:
        number = len(self._kept) + 1
        draft = PullRequestDraft("", branch, title, "", (), (), author, "", "", "")
        begun = replace(_begin(draft, number, self._base, at), title=title, author=author, head=self.branches[branch])
        self._kept[number] = Kept(begun, Change("", (), "", verified=False))
        return self.get(number)

    def _open_ones(self) -> Sequence[PullRequest]:
        shown = [self.get(number) for number in sorted(self._kept, reverse=True)]
        return [pull for pull in shown if pull.state == "open"]

    def review(self, number: int, review: Review) -> PullRequest:
        kept = self._open(number)
        if review not in kept.shown.reviews:
            kept.shown = replace(kept.shown, reviews=(*kept.shown.reviews, review))
        return self.get(number)

    def rewrite(self, number: int, body: str) -> None:
        kept = self._of(number)
        if not kept.shown.key:
            raise ForgeRefused("the gate didn't make it")
        kept.shown = replace(kept.shown, body=body)

    def ask(self, number: int, reviewers: Sequence[str]) -> None:
        kept = self._of(number)
        kept.shown = replace(kept.shown, reviewers=_all(kept.shown.reviewers, reviewers))

    def comment(self, number: int, text: str) -> None:
        kept = self._of(number)
        kept.comment = text
        kept.shown = replace(kept.shown, comments=(text,))

    def report(self, number: int, head: str, check: CheckReport, *, at: str) -> None:
        if self.get(number).head != head:
            raise NotFound("its head is another", where=str(number))
        self._of(number).checks[head] = check

    def merge(self, number: int, *, expected_head: str, trailers: dict[str, str], by: str, at: str) -> PullRequest:
        kept = self._open(number)
        shown = self.get(number)
        if shown.edited_by_person:
            raise ForgeRefused("a person has edited the branch")
        if shown.head != expected_head:
            raise StaleReceipt(f"the head is {shown.head}")
        tip = self.branches[self._base]
        try:
            files = _edited(self.commits[tip], kept.change)
        except ChangeRefused as refusal:
            raise ForgeRefused("merge conflict", where=refusal.where) from refusal
        merged = self.store(files, tip, expected_head, by, at)
        self.trailers[merged] = trailers
        self.branches[self._base] = merged
        del self.branches[shown.branch]
        kept.shown = replace(kept.shown, state="merged", merge_commit=merged, closed_at=at)
        return kept.shown

    def close(self, number: int, *, note: str, at: str) -> PullRequest:
        kept = self._open(number)
        if not kept.shown.key:
            raise ForgeRefused("the gate didn't make it")
        if self.branches.get(kept.shown.branch) in kept.heads:
            del self.branches[kept.shown.branch]
        kept.shown = replace(
            kept.shown, state="closed", closed_at=at, comments=tuple(t for t in (kept.comment, note) if t)
        )
        return kept.shown

    def _is_open(self, kept: Kept, key: str) -> bool:
        return kept.shown.key == key and kept.shown.state == "open"

    def _of(self, number: int) -> Kept:
        if number not in self._kept:
            raise NotFound("there is no such pull request", where=str(number))
        return self._kept[number]

    def _open(self, number: int) -> Kept:
        kept = self._of(number)
        if kept.shown.state != "open":
            raise ForgeRefused(f"it is already {kept.shown.state}", where=str(number))
        return kept


def _all(asked: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*asked, *more)))


def _begin(draft: PullRequestDraft, number: int, base: str, at: str) -> PullRequest:
    return PullRequest(
        number=number,
        key=draft.key,
        branch=draft.branch,
        base=base,
        head="",
        title="",
        body="",
        state="open",
        author="",
        action_digest="",
        decision_id="",
        opened_at=at,
        url=f"memory://{number}",
    )


def _edited(files: Files, change: Change) -> dict[str, bytes]:
    result = dict(files)
    for edit in change.edits:
        if result.get(edit.path) != edit.before:
            raise ChangeRefused("the base holds something else", where=edit.path)
        if edit.after is None:
            result.pop(edit.path, None)
        else:
            result[edit.path] = edit.after
    if result == files:
        raise ChangeRefused("the edits change nothing")
    return result
