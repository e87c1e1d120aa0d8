"""A ref moves from where it was thought to be, or not at all, whoever else writes and whoever dies."""

from __future__ import annotations

import fcntl
from functools import partial
from pathlib import Path

import pytest

from engine.adapters.git.repository import ObjectRepository
from engine.core.errors import BadInput, ForgeRefused, LostRace, NotFound, RepositoryBusy
from tests.integration.git.plain_git import fsck, git
from tests.integration.git.processes import DIED, count_up, die_at, ended

MAIN = "refs/heads/main"
AUTHOR, AT = "T <t@example.com>", "2026-11-02T10:00:00Z"


def another(repository: ObjectRepository, text: str = "other") -> str:
    return repository.snapshot({"a": text.encode()}, (), message=text, author=AUTHOR, at=AT)


@pytest.mark.parametrize("packed", [False, True])
def test_a_ref_that_somebody_moved_is_not_overwritten(bare: Path, repository: ObjectRepository, packed: bool) -> None:
    first, theirs, mine = repository.head("main"), another(repository), another(repository, "mine")
    git(bare, "update-ref", MAIN, theirs)
    if packed:
        git(bare, "pack-refs", "--all")
    for old, new in ((first, mine), (None, mine), (first, None)):
        with pytest.raises(LostRace):
            repository.move(MAIN, old, new)
        assert git(bare, "rev-parse", MAIN) == theirs


@pytest.mark.parametrize("packed", [False, True])
def test_a_removed_ref_stays_removed(bare: Path, repository: ObjectRepository, packed: bool) -> None:
    first = repository.head("main")
    repository.move("refs/heads/topic/one", None, first)
    git(bare, "tag", "-a", "-m", "x", "v1", first)
    if packed:
        git(bare, "pack-refs", "--all", "--prune")
        repository.move("refs/heads/topic/one", first, another(repository))
    repository.move("refs/heads/topic/one", repository.ref("refs/heads/topic/one"), None)
    assert repository.ref("refs/heads/topic/one") is None
    assert git(bare, "for-each-ref", "--format=%(refname)") == "refs/heads/main\nrefs/tags/v1"
    assert git(bare, "rev-parse", "v1^{commit}") == first
    repository.move("refs/heads/topic/one", None, first)
    assert repository.refs("refs/heads/") == {MAIN: first, "refs/heads/topic/one": first}


def test_a_ref_moves_to_commits_that_are_there_only(repository: ObjectRepository) -> None:
    first = repository.head("main")
    for target in ("0" * 40, repository.describe(first).tree):
        with pytest.raises((NotFound, BadInput)):
            repository.move(MAIN, first, target)
    assert repository.head("main") == first


def test_writers_in_four_processes_lose_no_step(bare: Path) -> None:
    assert ended([partial(count_up, bare, 12)] * 4) == [0] * 4
    assert git(bare, "show", "main:count") == "48"
    assert not list((bare / "refs").rglob("*.lock"))


@pytest.mark.parametrize("call", ["link", "rename", "remove"])
def test_a_process_killed_while_it_holds_a_lock_leaves_none(
    bare: Path, repository: ObjectRepository, call: str
) -> None:
    first, mine = repository.head("main"), another(repository)
    assert ended([partial(die_at, bare, call)]) == [DIED]
    found = git(bare, "rev-parse", MAIN)
    assert found == first or call == "remove"
    repository.move(MAIN, found, mine)
    assert repository.head("main") == mine
    fsck(bare)


def test_git_s_own_lock_is_waited_for_and_never_removed(bare: Path, repository: ObjectRepository) -> None:
    first, mine = repository.head("main"), another(repository)
    lock = bare / f"{MAIN}.lock"
    lock.touch()
    with pytest.raises(RepositoryBusy):
        repository.move(MAIN, first, mine)
    assert lock.exists() and repository.head("main") == first
    lock.unlink()
    repository.move(MAIN, first, mine)


def test_a_gate_that_moves_a_ref_makes_others_wait(bare: Path, repository: ObjectRepository) -> None:
    first = repository.head("main")
    repository.move(MAIN, first, another(repository))
    with (bare / "penstock" / "refs.lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RepositoryBusy):
            repository.move(MAIN, repository.head("main"), first)


def test_steps_of_one_forge_exclude_each_other_and_reading_needs_no_lock(repository: ObjectRepository) -> None:
    with repository.exclusive():
        assert repository.head("main")
        with pytest.raises(RepositoryBusy), repository.exclusive():
            pass
    with repository.exclusive():
        pass


def test_a_branch_can_t_be_where_a_folder_of_branches_is(bare: Path, repository: ObjectRepository) -> None:
    first = repository.head("main")
    repository.move("refs/heads/a/b", None, first)
    for packed in (False, True):
        if packed:
            git(bare, "pack-refs", "--all", "--prune")
        for name in ("refs/heads/a", "refs/heads/a/b/c"):
            with pytest.raises(ForgeRefused, match="in the way"):
                repository.move(name, None, first)
    repository.move("refs/heads/a/b", first, None)
    repository.move("refs/heads/a", None, first)
    assert repository.ref("refs/heads/a") == first


@pytest.mark.parametrize(
    "branch",
    [
        "",
        "-x",
        "a b",
        "a..b",
        "a//b",
        "a/",
        "/a",
        ".a",
        "a/.b",
        "a.lock",
        "a.lock/b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[b",
        "a\\b",
        "a@{1}",
        "a.",
        "a\n",
        "a\x7f",
        "../../config",
        "é",
        "\U0001f600",
        "x" * 300,
    ],
)
def test_a_name_that_git_or_a_disk_would_misread_names_no_branch(repository: ObjectRepository, branch: str) -> None:
    for ask in (lambda: repository.head(branch), lambda: repository.move(f"refs/heads/{branch}", None, "0" * 40)):
        with pytest.raises((BadInput, NotFound)):
            ask()
    with pytest.raises(BadInput):
        repository.ref(f"refs/heads/{branch}")


@pytest.mark.parametrize("name", ["HEAD", "config", "refs/tags/v1", "refs/remotes/origin/main", "packed-refs"])
def test_only_branches_and_the_gate_s_own_refs_are_touched(repository: ObjectRepository, name: str) -> None:
    with pytest.raises(BadInput):
        repository.move(name, None, repository.head("main"))


def test_a_branch_that_is_checked_out_is_read_but_never_moved(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(bare), "work", allow=("file",))
    work = ObjectRepository(tmp_path / "work")
    first = work.head("main")
    with pytest.raises(ForgeRefused, match="checked out"):
        work.move(MAIN, first, another(work))
    work.move("refs/heads/topic", None, first)
    assert git(tmp_path / "work", "status", "--porcelain") == ""
    work.close()


def test_a_branch_checked_out_in_a_linked_work_tree_is_never_moved(
    bare: Path, repository: ObjectRepository, tmp_path: Path
) -> None:
    git(bare, "worktree", "add", "-q", str(tmp_path / "linked"), "main")
    with pytest.raises(ForgeRefused, match="checked out"):
        repository.move(MAIN, repository.head("main"), another(repository))
    with pytest.raises(BadInput, match="linked work tree"):
        ObjectRepository(tmp_path / "linked")
