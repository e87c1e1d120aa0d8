"""The forge inside a repository follows what people do there with Git, and doubts what it can't read."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.forge.local import LocalForge
from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.errors import BadInput, ForgeRefused, LostRace, NotFound
from engine.core.pull_request import PullRequest, Review
from tests.integration.git.forge_steps import AT, END, LATER, TRAILERS, change, draft, step
from tests.integration.git.plain_git import git

META = "refs/penstock/pulls/1/meta"
BRANCH = "refs/heads/penstock/api"


@pytest.fixture
def forge(repository: ObjectRepository) -> LocalForge:
    return LocalForge(repository)


@pytest.fixture
def pull(repository: ObjectRepository) -> PullRequest:
    return step(repository, "open", "api")


def merged(
    forge: LocalForge, pull: PullRequest, trailers: dict[str, str] = TRAILERS, by: str = "penstock"
) -> PullRequest:
    return forge.merge(pull.number, expected_head=pull.head, trailers=trailers, by=by, at=END)


def test_a_merge_is_a_merge_commit_that_git_reads_the_trailers_of(
    bare: Path, forge: LocalForge, pull: PullRequest
) -> None:
    base = git(bare, "rev-parse", "main")
    merged(forge, pull, by="ines <script>")
    assert git(bare, "log", "-1", "--format=%P|%an|%at|%s", "main") == (
        f"{base} {pull.head}|ines script|1794627000|Merge pull request 1: Change api"
    )
    trailers = git(bare, "log", "-1", "--format=%(trailers:only)", "main").split("\n")
    assert trailers == [f"{name}: {value}" for name, value in TRAILERS.items()] + ["Merged-by: ines script"]
    assert git(bare, "diff", "--name-only", "main~1", "main") == "apps/api.yaml"


@pytest.mark.parametrize(
    "trailers", [{"A b": "x"}, {"A\n": "x"}, {"A": "x\nB: y"}, {"A": ""}, {"": "x"}, {"A": "x\x00"}]
)
def test_a_trailer_that_would_break_the_message_merges_nothing(
    repository: ObjectRepository, forge: LocalForge, pull: PullRequest, trailers: dict[str, str]
) -> None:
    base = repository.head("main")
    with pytest.raises(BadInput):
        merged(forge, pull, trailers)
    assert repository.head("main") == base and forge.get(1) == pull


def test_pull_requests_travel_with_a_mirror(bare: Path, forge: LocalForge, pull: PullRequest, tmp_path: Path) -> None:
    forge.review(1, Review("ines", "person", "approved", pull.head, "sha256:aa", LATER))
    git(tmp_path, "clone", "-q", "--mirror", str(bare), "mirror.git", allow=("file",))
    there = LocalForge(ObjectRepository(tmp_path / "mirror.git"))
    assert replace(there.get(1), url="") == replace(forge.get(1), url="")
    assert merged(there, pull).state == "merged"
    assert forge.get(1).state == "open"


def test_every_step_of_a_pull_request_can_be_read_with_git_log(
    bare: Path, repository: ObjectRepository, forge: LocalForge, pull: PullRequest
) -> None:
    forge.review(1, Review("ines", "person", "approved", pull.head, "sha256:aa", LATER))
    second = step(repository, "update", "api")
    done = merged(forge, second)
    assert git(bare, "log", "--format=%s", META).split("\n") == [
        f"Merged as {done.merge_commit}",
        f"Open at {second.head}",
        "Name the next head",
        "approved by ines",
        f"Open at {pull.head}",
        "Begin",
    ]
    assert git(bare, "ls-tree", "--name-only", META).split("\n") == [
        "body.md",
        "comment.md",
        "pull.json",
        "reviews.json",
    ]


@pytest.mark.parametrize("fast_forward", [True, False])
def test_what_a_person_merged_with_git_is_merged(
    bare: Path, repository: ObjectRepository, forge: LocalForge, pull: PullRequest, tmp_path: Path, fast_forward: bool
) -> None:
    git(tmp_path, "clone", "-q", str(bare), "work", allow=("file",))
    how = "--ff-only" if fast_forward else "--no-ff"
    git(tmp_path / "work", "merge", "-q", how, "origin/penstock/api")
    git(tmp_path / "work", "commit", "-q", "--allow-empty", "-m", "and more")
    git(tmp_path / "work", "push", "-q", "origin", "main", allow=("file",))
    shown = forge.get(1)
    assert shown.state == "merged" and forge.list_open() == []
    assert shown.merge_commit == (pull.head if fast_forward else git(bare, "rev-parse", "main~1"))
    again = forge.open(draft("api", "dec-3"), change(repository, b"replicas: 6\n"), at=END)
    assert again.number == 2 and forge.get(1) == replace(shown, closed_at=shown.closed_at)


def test_a_branch_that_a_person_deleted_closes_the_pull_request_for_good(
    bare: Path, repository: ObjectRepository, forge: LocalForge, pull: PullRequest
) -> None:
    git(bare, "update-ref", "-d", BRANCH)
    assert forge.get(1).state == "closed" and forge.list_open() == []
    with pytest.raises(ForgeRefused):
        merged(forge, pull)
    assert step(repository, "open", "api").number == 2
    assert forge.get(1).state == "closed" and not forge.get(1).edited_by_person


def test_a_base_that_was_rewritten_is_merged_into_no_more(
    bare: Path, repository: ObjectRepository, forge: LocalForge, pull: PullRequest
) -> None:
    tree = repository.describe(repository.head("main")).tree
    rewritten = git(bare, "commit-tree", tree, "-m", "the same files, another past")
    git(bare, "update-ref", "refs/heads/main", rewritten)
    with pytest.raises(ForgeRefused, match="rewritten"):
        merged(forge, pull)
    assert repository.head("main") == rewritten


def test_a_repository_without_its_base_has_no_pull_requests_to_judge(
    bare: Path, repository: ObjectRepository, pull: PullRequest
) -> None:
    first = repository.head("main")
    git(bare, "update-ref", "-d", "refs/heads/main")
    for ask in (lambda: LocalForge(repository).get(1), lambda: LocalForge(repository).list_open()):
        with pytest.raises(NotFound, match="no branch 'main'"):
            ask()
    git(bare, "update-ref", "refs/heads/main", first)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("pull.json", b"{"),
        ("pull.json", b"{}"),
        ("pull.json", None),
        ("pull.json", b'{"number":1,"number":1}'),
        ("reviews.json", b'[{"reviewer":"x"}]'),
        ("reviews.json", b"null"),
        ("body.md", None),
    ],
)
def test_a_pull_request_that_can_t_be_read_is_refused_naming_its_ref(
    repository: ObjectRepository, forge: LocalForge, pull: PullRequest, file: str, content: bytes | None
) -> None:
    tip = repository.ref(META) or ""
    names = repository.paths(tip)
    files = {name: repository.read(tip, name) or b"" for name in names if name != file}
    if content is not None:
        files[file] = content
    broken = repository.snapshot(files, (tip,), message="x", author="M <m@example.com>", at=AT)
    repository.move(META, tip, broken)
    for ask in (lambda: forge.get(1), lambda: forge.find("api"), lambda: step(repository, "open", "api")):
        with pytest.raises(BadInput) as refused:
            ask()
        assert refused.value.where.startswith(META)


def test_a_pull_request_moved_under_another_number_is_refused(
    repository: ObjectRepository, forge: LocalForge, pull: PullRequest
) -> None:
    repository.move("refs/penstock/pulls/7/meta", None, repository.ref(META))
    with pytest.raises(BadInput, match="number"):
        forge.get(7)


def test_reviews_stop_before_they_could_not_be_read_again(forge: LocalForge, pull: PullRequest) -> None:
    given = Review("ines", "person", "commented", pull.head, "sha256:aa", LATER, "x" * 600_000)
    forge.review(1, given)
    with pytest.raises(ForgeRefused, match=r"reviews\.json"):
        forge.review(1, replace(given, note="y" * 600_000))
    assert forge.get(1).reviews == (given,)


class Unlocked(ObjectRepository):
    """A repository on a disk whose locks another machine doesn't see, where another gate is always a step ahead."""

    overtaken_by: list[str]

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def move(self, name: str, old: str | None, new: str | None) -> None:
        if old is None and self.overtaken_by:
            step(self, "open", self.overtaken_by.pop())
        super().move(name, old, new)


def test_a_number_that_was_taken_first_is_left_to_who_took_it(bare: Path, forge: LocalForge) -> None:
    repository = Unlocked(bare)
    repository.overtaken_by = ["b", "c"]
    assert step(repository, "open", "api").number == 3
    assert [(pull.number, pull.key) for pull in forge.list_open()] == [(3, "api"), (2, "c"), (1, "b")]


def test_a_base_that_moved_while_merging_is_not_overwritten(bare: Path, forge: LocalForge, pull: PullRequest) -> None:
    class Overtaken(ObjectRepository):
        def merge(self, *arguments: Any, **named: Any) -> str:
            edit = FileEdit("apps/web.yaml", b"replicas: 3\n", b"replicas: 7\n")
            tip = self.head("main")
            theirs = super().merge((tip,), [edit], message="x", author="P <p@example.com>", at=AT)
            self.move("refs/heads/main", tip, theirs)
            return super().merge(*arguments, **named)

    with pytest.raises(LostRace):
        merged(LocalForge(Overtaken(bare)), pull)
    assert forge.get(1) == pull
    assert git(bare, "log", "-1", "--format=%s", "main") == "x"


@pytest.mark.parametrize("branch", ["-x", "a b", "../main", "penstock/a..b", "penstock/x.lock", ""])
def test_a_branch_that_git_would_misread_opens_nothing(
    repository: ObjectRepository, forge: LocalForge, branch: str
) -> None:
    with pytest.raises(BadInput):
        forge.open(replace(draft("api"), branch=branch), change(repository), at=AT)
    assert repository.refs("refs/penstock/") == {} and list(repository.refs("refs/heads/")) == ["refs/heads/main"]


def test_another_branch_for_an_open_key_is_refused(
    repository: ObjectRepository, forge: LocalForge, pull: PullRequest
) -> None:
    with pytest.raises(ForgeRefused, match="open on branch"):
        forge.open(replace(draft("api"), branch="penstock/elsewhere"), change(repository), at=AT)
    assert forge.list_open() == [pull]


def test_whom_a_persons_commits_name_is_told_and_the_gate_is_not(
    repository: ObjectRepository, forge: LocalForge, pull: PullRequest
) -> None:
    assert pull.writers == ()
    message = "By hand\n\nCo-authored-by: Bob <Bob@example.com>\nco-authored-by: nobody in particular"
    edit = FileEdit("apps/api.yaml", repository.read(pull.head, "apps/api.yaml"), b"by hand\n")
    made = repository.commit(pull.head, [edit], message=message, author="A <alice@example.com>", at=AT)
    repository.move(BRANCH, pull.head, made)
    assert forge.get(pull.number).writers == ("alice@example.com", "bob@example.com", "unknown@")
