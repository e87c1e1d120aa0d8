"""What every repository promises, whichever one it is."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.errors import ChangeRefused, NotFound
from engine.ports import GitRepository
from tests.fakes.git import MemoryRepository

FILES = {
    "README.md": b"hello\n",
    "apps/api.yaml": b"replicas: 2\n",
    "apps/web/deploy.yaml": b"replicas: 3\n",
    "apps-old/api.yaml": b"replicas: 1\n",
}
AUTHOR, AT = "Ines Duarte <ines@example.com>", "2026-11-02T10:00:00Z"

Opened = tuple[GitRepository, str]


def of_objects(folder: Path) -> Opened:
    create_bare(folder / "repo.git")
    repository = ObjectRepository(folder / "repo.git")
    first = repository.snapshot(
        FILES, (), message="Import", author="test <test@example.com>", at="2026-11-01T00:00:00Z"
    )
    repository.move("refs/heads/main", None, first)
    return repository, first


def of_memory(_: Path) -> Opened:
    repository = MemoryRepository(FILES)
    return repository, repository.head("main")


@pytest.fixture(params=[of_objects, of_memory], ids=["objects", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    make: Callable[[Path], Opened] = request.param
    return make(tmp_path)


def edit(path: str, after: bytes | None, before: bytes | None = None) -> FileEdit:
    return FileEdit(path, FILES.get(path) if before is None else before, after)


def committed(repository: GitRepository, base: str, *edits: FileEdit, at: str = AT, message: str = "Change it") -> str:
    return repository.commit(base, edits, message=message, author=AUTHOR, at=at)


def test_a_branch_names_its_commit_and_an_unknown_branch_is_not_found(opened: Opened) -> None:
    repository, first = opened
    assert repository.head("main") == first
    with pytest.raises(NotFound):
        repository.head("other")


@pytest.mark.parametrize("commit", ["0" * 40, "main", "HEAD~1", "", "--all"])
def test_only_a_whole_id_of_a_commit_names_a_commit(opened: Opened, commit: str) -> None:
    with pytest.raises(NotFound):
        opened[0].read(commit, "README.md")


def test_a_file_is_read_and_a_folder_or_nothing_is_none(opened: Opened) -> None:
    repository, first = opened
    assert repository.read(first, "apps/web/deploy.yaml") == b"replicas: 3\n"
    assert repository.read(first, "apps/web") is None
    assert repository.read(first, "apps/none.yaml") is None
    assert repository.read(first, "README.md/inside") is None


def test_paths_are_those_below_the_folder_and_no_other_of_a_like_name(opened: Opened) -> None:
    repository, first = opened
    assert sorted(repository.paths(first)) == sorted(FILES)
    assert sorted(repository.paths(first, "apps")) == ["apps/api.yaml", "apps/web/deploy.yaml"]
    assert list(repository.paths(first, "none")) == []


def test_a_commit_edits_adds_and_removes_and_moves_no_branch(opened: Opened) -> None:
    repository, first = opened
    made = committed(
        repository,
        first,
        edit("apps/api.yaml", b"replicas: 5\n"),
        edit("apps/jobs/once.yaml", b"kind: Job\n"),
        edit("apps/web/deploy.yaml", None),
    )
    assert sorted(repository.paths(made)) == ["README.md", "apps-old/api.yaml", "apps/api.yaml", "apps/jobs/once.yaml"]
    assert repository.read(made, "apps/api.yaml") == b"replicas: 5\n"
    assert repository.read(first, "apps/api.yaml") == b"replicas: 2\n"
    assert repository.head("main") == first


@pytest.mark.parametrize(
    "wrong",
    [
        FileEdit("apps/api.yaml", b"replicas: 9\n", b"replicas: 5\n"),
        FileEdit("apps/api.yaml", None, b"replicas: 5\n"),
        FileEdit("apps/none.yaml", b"replicas: 2\n", None),
    ],
    ids=["changed since", "already there", "already gone"],
)
def test_an_edit_made_from_another_state_is_refused(opened: Opened, wrong: FileEdit) -> None:
    with pytest.raises(ChangeRefused) as refused:
        committed(opened[0], opened[1], edit("README.md", b"fine\n"), wrong)
    assert refused.value.where == wrong.path


def test_edits_that_change_nothing_are_refused(opened: Opened) -> None:
    for edits in ((), (edit("README.md", FILES["README.md"]),)):
        with pytest.raises(ChangeRefused):
            committed(opened[0], opened[1], *edits)


def test_the_same_commit_made_again_has_the_same_id_and_another_time_another(opened: Opened) -> None:
    repository, first = opened
    made = [committed(repository, first, edit("README.md", b"new\n")) for _ in range(2)]
    assert made[0] == made[1]
    assert committed(repository, first, edit("README.md", b"new\n"), at="2026-11-02T10:00:01Z") != made[0]


def test_history_is_of_the_path_alone_newest_first_and_no_longer_than_asked(opened: Opened) -> None:
    repository, first = opened
    second = committed(repository, first, edit("apps/api.yaml", b"replicas: 5\n"), message="Five\n\nbecause")
    third = committed(repository, second, edit("README.md", b"new\n"), at="2026-11-03T10:00:00Z")
    fourth = committed(repository, third, edit("apps/web/deploy.yaml", None), at="2026-11-04T10:00:00Z")
    found = repository.history(fourth, "apps/api.yaml", 10)
    assert [commit.id for commit in found] == [second, first]
    assert (found[0].author, found[0].at, found[0].subject) == (AUTHOR, AT, "Five")
    assert [commit.id for commit in repository.history(fourth, "apps", 10)] == [fourth, second, first]
    assert [commit.id for commit in repository.history(fourth, "", 10)] == [fourth, third, second, first]
    assert [commit.id for commit in repository.history(fourth, "apps", 1)] == [fourth]
    assert list(repository.history(fourth, "none", 10)) == []


def test_a_removed_file_s_history_holds_its_removal(opened: Opened) -> None:
    repository, first = opened
    gone = committed(repository, first, edit("README.md", None))
    assert [commit.id for commit in repository.history(gone, "README.md", 10)] == [gone, first]


def test_a_folder_is_laid_out_for_this_user_alone_with_edits_and_is_gone_afterwards(opened: Opened) -> None:
    repository, first = opened
    edits = [edit("apps/api.yaml", b"replicas: 5\n"), edit("apps/web/deploy.yaml", None), edit("README.md", b"new\n")]
    with repository.materialise(first, "apps", edits) as folder:
        root = Path(folder)
        found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        assert found == {"apps/api.yaml": b"replicas: 5\n"}
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert not root.exists()


def test_a_folder_is_gone_after_a_failure_too(opened: Opened) -> None:
    seen: list[Path] = []
    with pytest.raises(RuntimeError), opened[0].materialise(opened[1], "") as folder:
        seen.append(Path(folder))
        raise RuntimeError
    assert not seen[0].exists()


def test_what_two_commits_were_both_made_on_and_what_lies_between(opened: Opened) -> None:
    repository, first = opened
    mine = committed(repository, first, edit("apps/api.yaml", b"replicas: 5\n"))
    theirs = committed(repository, first, edit("README.md", None), message="Drop it")
    assert repository.merge_base(mine, theirs) == first == repository.merge_base(theirs, mine)
    assert repository.merge_base(first, theirs) == first
    assert list(repository.changes(first, theirs)) == [edit("README.md", None)]
    assert list(repository.changes(mine, mine)) == []
