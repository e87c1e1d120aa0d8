"""What is no repository, a damaged one, or one that can't be written is refused by name, and left as it was."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from engine.adapters.git.objects import ObjectStore
from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.core.errors import BadInput, ForgeRefused
from tests.integration.git.plain_git import git

AUTHOR, AT = "T <t@example.com>", "2026-11-02T10:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gitops.git"
    create_bare(path)
    repository = ObjectRepository(path)
    tip = repository.snapshot({"apps/api.yaml": b"replicas: 2\n"}, (), message="x", author=AUTHOR, at=AT)
    repository.move("refs/heads/main", None, tip)
    repository.close()
    return path


def blob_of(path: Path) -> Path:
    identity = git(path, "rev-parse", "main:apps/api.yaml")
    found = path / "objects" / identity[:2] / identity[2:]
    found.chmod(0o644)
    return found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        zlib.compress(b"blob 12\0replicas: 2\n")[:-6],
        zlib.compress(b"blob 12\0replicas: 9\n"),
        zlib.compress(b"tree 12\0replicas: 2\n"),
        zlib.compress(b"nonsense"),
        zlib.compress(b"blob 99999999999\0x"),
    ],
    ids=["empty", "garbage", "cut off", "other content", "other kind", "no header", "huge"],
)
def test_a_damaged_object_is_refused_and_never_taken_for_its_content(path: Path, content: bytes) -> None:
    blob_of(path).write_bytes(content)
    repository = ObjectRepository(path)
    with pytest.raises(BadInput):
        repository.read(repository.head("main"), "apps/api.yaml")


def test_what_a_power_failure_cut_off_is_written_again(path: Path) -> None:
    blob_of(path).write_bytes(b"")
    repository = ObjectRepository(path)
    repository.snapshot({"b": b"replicas: 2\n"}, (), message="x", author=AUTHOR, at=AT)
    assert repository.read(repository.head("main"), "apps/api.yaml") == b"replicas: 2\n"


def test_a_missing_object_is_refused(path: Path) -> None:
    blob_of(path).unlink()
    repository = ObjectRepository(path)
    with pytest.raises(BadInput, match="missing"):
        repository.read(repository.head("main"), "apps/api.yaml")


@pytest.mark.parametrize(
    "tree",
    [
        b"100644 a",
        b"100644 \0" + b"x" * 20,
        b"100644 a\0" + b"x" * 19,
        (b"100644 a\0" + b"x" * 20) * 2,
        b"9 a\0" + b"x" * 20,
        b"100644 a/b\0" + b"x" * 20,
    ],
)
def test_a_malformed_tree_is_refused(path: Path, tree: bytes) -> None:
    store = ObjectStore(path / "objects")
    commit = b"tree %s\nauthor %s 1 +0000\ncommitter %s 1 +0000\n\nx\n" % (
        store.write("tree", tree).encode(),
        AUTHOR.encode(),
        AUTHOR.encode(),
    )
    with pytest.raises(BadInput, match="malformed"):
        ObjectRepository(path).paths(store.write("commit", commit))


@pytest.mark.parametrize("content", [b"", b"tree x\n\nx", b"author A <a@b> 1 +0000\n\nx"])
def test_a_malformed_commit_is_refused(path: Path, content: bytes) -> None:
    identity = ObjectStore(path / "objects").write("commit", content)
    with pytest.raises(BadInput, match="malformed"):
        ObjectRepository(path).describe(identity)


@pytest.mark.parametrize("content", ["", "rubbish", "ref: refs/heads/other", "0" * 39])
def test_a_branch_that_holds_no_commit_id_is_refused(path: Path, content: str) -> None:
    (path / "refs" / "heads" / "main").write_text(content)
    with pytest.raises(BadInput, match="commit id"):
        ObjectRepository(path).head("main")


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadInput, match="not a Git repository"):
            ObjectRepository(path)


@pytest.mark.parametrize(
    "extension", ["objectFormat = sha256", "refStorage = reftable", "somethingNew = true", "somethingNew"]
)
def test_a_format_that_isn_t_understood_is_refused(path: Path, extension: str) -> None:
    (path / "config").write_text(f"[core]\n\trepositoryformatversion = 1\n[Extensions]\n\t{extension}\n")
    with pytest.raises(BadInput, match="the repository uses"):
        ObjectRepository(path)


def test_a_repository_made_by_git_with_sha256_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "--object-format=sha256", "other.git")
    with pytest.raises(BadInput, match="sha256"):
        ObjectRepository(tmp_path / "other.git")


def test_a_repository_that_can_t_be_read_says_so_and_whose_it_is(path: Path) -> None:
    (path / "objects").rename(path / "elsewhere")
    (path / "objects").write_text("not a folder")
    with pytest.raises(BadInput, match=r"can't be read.*belongs to user"):
        ObjectRepository(path)


def test_a_repository_that_can_t_be_written_says_so_and_whose_it_is(path: Path) -> None:
    repository = ObjectRepository(path)
    tip = repository.head("main")
    (path / "penstock" / "claims").rmdir()
    (path / "penstock" / "refs.lock").unlink()
    (path / "penstock").rmdir()
    (path / "penstock").write_text("in the way")
    with pytest.raises(ForgeRefused, match=r"can't be written.*belongs to user"):
        repository.move("refs/heads/topic", None, tip)
    assert repository.ref("refs/heads/topic") is None


def test_reading_writes_nothing(path: Path) -> None:
    repository = ObjectRepository(path)
    before = sorted(str(each) for each in path.rglob("*"))
    tip = repository.head("main")
    repository.paths(tip)
    repository.history(tip, "apps", 5)
    with repository.materialise(tip, ""):
        pass
    repository.close()
    assert sorted(str(each) for each in path.rglob("*")) == before


def test_nothing_is_made_where_something_is(path: Path) -> None:
    with pytest.raises(BadInput, match="already"):
        create_bare(path)
    assert git(path, "rev-parse", "main")
