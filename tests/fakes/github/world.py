"""What GitHub knows: accounts, one repository with its pull requests, and what people do there with their own hands.

The repository's objects are a real bare Git repository. The clock is set by the test.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.errors import ChangeRefused, NotFound

ORG, NAME = "acme", "gitops"
APP, SLUG = 4711, "penstock"
BOT = f"{SLUG}[bot]"
IMPORTED = "2026-11-01T00:00:00Z"


@dataclass(frozen=True)
class Account:
    """An account: its lasting number, what it is called now and what it is."""

    id: int
    login: str
    kind: str = "User"

    @property
    def address(self) -> str:
        """The e-mail address by which GitHub knows it."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass
class GivenReview:
    """A review on GitHub."""

    id: int
    by: Account
    state: str
    head: str
    body: str
    at: str
    edited_at: str | None = None


@dataclass(frozen=True)
class Rebased:
    """An event of the timeline, by GitHub's name for its type: the base was changed."""

    kind: str
    was: str
    became: str
    at: str


@dataclass
class Written:
    """A comment."""

    id: int
    by: Account
    body: str
    at: str


@dataclass
class Said:
    """A status, or a check run where ``app`` says whose it is."""

    id: int
    name: str
    head: str
    state: str
    title: str
    at: str
    app: int | None = None
    by: Account | None = None
    text: str | None = None
    url: str | None = None
    marker: str | None = None
    annotations: list[Any] = field(default_factory=list)


@dataclass
class Pull:
    """A pull request; ``ended_head`` is where its branch was when it ended."""

    number: int
    by: Account
    title: str
    body: str
    branch: str
    base: str
    created: str
    updated: str
    state: str = "OPEN"
    closed: str | None = None
    merge_commit: str | None = None
    ended_head: str = ""
    labels: list[str] = field(default_factory=list)
    asked: list[Account] = field(default_factory=list)
    asked_teams: list[str] = field(default_factory=list)
    reviews: list[GivenReview] = field(default_factory=list)
    rebased: list[Rebased | None] = field(default_factory=list)
    comments: list[Written] = field(default_factory=list)
    auto_merge: dict[str, Any] | None = None


class World:
    """The state, the hands of people, and the ways in which GitHub can be in trouble."""

    def __init__(self, folder: Path, files: dict[str, bytes]) -> None:
        create_bare(folder / "github.git")
        self.git = ObjectRepository(folder / "github.git", wait_seconds=30)
        first = self.git.snapshot(files, (), message="Import", author="Person <person@example.com>", at=IMPORTED)
        self.git.move("refs/heads/main", None, first)
        self.now = "2026-11-14T03:00:00Z"
        self.bot = Account(41898282, BOT, "Bot")
        self.accounts: dict[str, Account] = {}
        self.teams: dict[str, set[int]] = {}
        self.pulls: dict[int, Pull] = {}
        self.said: list[Said] = []
        self.signed: set[str] = set()
        self.pushes: list[tuple[str, str, str, str]] = []
        self.required: dict[str, int | None] = {}
        self.methods = {"merge", "squash", "rebase"}
        self.needs_queue = False
        self.announced: list[tuple[str, str, dict[str, Any]]] = []
        self._last = 1000
        for login in ("amara", "tomasz", "jun"):
            self.account(login)

    def number(self) -> int:
        """An id that nothing else has."""
        self._last += 1
        return self._last

    def account(self, login: str, kind: str = "User") -> Account:
        """The account that is called so now, made where there is none."""
        if login not in self.accounts:
            self.accounts[login] = Account(self.number(), login, kind)
        return self.accounts[login]

    def rename(self, login: str, to: str) -> Account:
        """What a person does: take another login; the number stays."""
        renamed = replace(self.accounts.pop(login), login=to)
        self.accounts[to] = renamed
        for pull in self.pulls.values():
            for review in pull.reviews:
                review.by = renamed if review.by.id == renamed.id else review.by
        return renamed

    def join(self, team: str, login: str) -> None:
        """Make an account a member of a team of the organisation."""
        self.teams.setdefault(team, set()).add(self.account(login).id)

    def tip(self, branch: str) -> str | None:
        """The commit of a branch."""
        return self.git.ref(f"refs/heads/{branch}")

    def head(self, pull: Pull) -> str:
        """The head of a pull request."""
        return pull.ended_head or self.tip(pull.branch) or ""

    def move(self, branch: str, old: str | None, new: str | None, by: Account) -> None:
        """Move a branch; its open pull requests follow, and close when it goes."""
        before = {pull.number: self.head(pull) for pull in self._open_on(branch)}
        self.git.move(f"refs/heads/{branch}", old, new)
        self.pushes.append((branch, by.login, old or "0" * 40, new or "0" * 40))
        for pull in self._open_on(branch):
            pull.updated = self.now
            if new is None or self._is_empty(pull):
                self.end(pull, "CLOSED", before[pull.number])
            else:
                self.announce("pull_request", "synchronize", pull)

    def end(self, pull: Pull, state: str, head: str) -> None:
        """Merged or closed."""
        pull.state, pull.closed, pull.updated, pull.ended_head = state, self.now, self.now, head
        self.announce("pull_request", "closed", pull)

    def commits(self, pull: Pull) -> list[Any]:
        """The commits of a pull request, oldest first."""
        head, base = self.head(pull), self.tip(pull.base) or ""
        if pull.merge_commit:
            base = self.git.describe(pull.merge_commit).parents[0]
        common = self.git.merge_base(base, head)
        return list(self.git.between(head, common))[::-1]

    def push(self, branch: str, path: str, data: bytes, *, by: str = "amara", author: str = "", extra: str = "") -> str:
        """What a person does: a commit with one file, pushed. ``author`` is whoever the commit claims made it."""
        tip = self.tip(branch)
        base = tip or self.git.head("main")
        person = self.account(by)
        named = author or f"{by} <{person.address}>"
        edit = FileEdit(path, self.git.read(base, path), data)
        made = self.git.commit(base, [edit], message=f"Write {path}\n\n{extra}".strip(), author=named, at=self.now)
        self.move(branch, tip, made, person)
        return made

    def offer(self, branch: str, by: str, *, body: str = "", base: str = "main") -> Pull:
        """What a person does: a pull request."""
        return self.make_pull(self.account(by), f"By {by}", body, branch, base)

    def make_pull(self, by: Account, title: str, body: str, branch: str, base: str) -> Pull:
        """A pull request, whoever makes it."""
        number = max(self.pulls, default=0) + 1
        pull = Pull(number, by, title, body, branch, base, self.now, self.now)
        self.pulls[number] = pull
        self.announce("pull_request", "opened", pull)
        return pull

    def rebase(self, pull: Pull, base: str, *, kind: str = "BaseRefChangedEvent") -> None:
        """What a person does: choose another base. GitHub itself does, when the base's branch is deleted.

        Nothing is announced: GitHub publishes no example of such a delivery.
        """
        pull.rebased.append(Rebased(kind, pull.base, base, self.now))
        pull.base, pull.updated = base, self.now

    def approve(self, number: int, by: str, *, state: str = "APPROVED", body: str = "", head: str = "") -> GivenReview:
        """What a person does: a review of the present head, or of another one."""
        pull = self.pulls[number]
        at = head or self.head(pull)
        review = GivenReview(self.number(), self.account(by), state, at, body, self.now)
        pull.reviews.append(review)
        pull.asked = [each for each in pull.asked if each.id != review.by.id]
        pull.updated = self.now
        self.announce("pull_request_review", "submitted", pull)
        return review

    def edit_review(self, review: GivenReview, body: str) -> None:
        """What a person does: change what they wrote. GitHub doesn't call the pull request changed."""
        review.body, review.edited_at = body, self.now

    def say_status(self, head: str, by: Account, state: str, name: str, title: str) -> None:
        """A commit status, by whoever can write."""
        self.said.append(Said(self.number(), name, head, state, title, self.now, by=by))

    def say_check(self, head: str, app: int, state: str, name: str, title: str) -> None:
        """A check run, by some App."""
        self.said.append(Said(self.number(), name, head, state, title, self.now, app=app))

    def merge(self, pull: Pull, *, message: str, method: str, by: Account) -> str | None:
        """Merge as GitHub does; ``None`` when it conflicts."""
        head, tip = self.head(pull), self.git.head(pull.base)
        common = self.git.merge_base(tip, head)
        edits = []
        for edit in self.git.changes(common, head):
            there = self.git.read(tip, edit.path)
            if there == edit.after:
                continue
            if there != edit.before:
                return None
            edits.append(edit)
        parents = (tip, head) if method == "merge" else (tip,)
        try:
            made = self.git.merge(parents, edits, message=message, author=f"{by.login} <{by.address}>", at=self.now)
        except ChangeRefused:
            return None
        self.git.move(f"refs/heads/{pull.base}", tip, made)
        self.signed.add(made)
        pull.merge_commit = made
        self.end(pull, "MERGED", head)
        return made

    def unmet(self, pull: Pull) -> str:
        """The first required check that the head hasn't passed, of the App that has to say it; empty for none."""
        head = self.head(pull)
        for name, app in self.required.items():
            said = [each for each in self.said if (each.head, each.name) == (head, name) and app in (None, each.app)]
            if not said or max(said, key=lambda each: (each.at, each.id)).state != "success":
                return name
        return ""

    def announce(self, event: str, action: str, pull: Pull) -> None:
        """Remember what a webhook would tell."""
        self.announced.append((event, action, {"number": pull.number, "head": self.head(pull), "base": pull.base}))

    def _open_on(self, branch: str) -> list[Pull]:
        return [pull for pull in self.pulls.values() if pull.state == "OPEN" and pull.branch == branch]

    def _is_empty(self, pull: Pull) -> bool:
        try:
            return not self.commits(pull)
        except NotFound:
            return True
