"""No path leaves the repository, reaches Git's own files, or goes through a symlink or submodule."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.errors import BadInput, ChangeRefused, UnsafePath
from tests.integration.git.plain_git import git

AUTHOR, AT = "T <t@example.com>", "2026-11-02T10:00:00Z"
UNSAFE = [
    "../outside",
    "apps/../../outside",
    "/etc/passwd",
    "apps//api.yaml",
    "./apps/api.yaml",
    "apps/api.yaml/",
    "apps\\api.yaml",
    ".git/config",
    "apps/.GIT/hooks/pre-commit",
    ".git./config",
    ".git /config",
    ".git::$INDEX_ALLOCATION/config",
    ".g\u200cit/config",
    "git~1/config",
    "\uff0egit/config",
    "apps/a\nb.yaml",
    "apps/a\0b.yaml",
    "apps/a\x1b[2Jb.yaml",
    "apps/\u202eb.yaml",
    "apps/\ud800.yaml",
    "a/" * 600 + "b",
]
UNSAFE_TO_EDIT = ["", "-rf", "apps/--output=x", ".gitmodules", "apps/.GitModules"]


def made(repository: ObjectRepository, *edits: FileEdit, base: str = "") -> str:
    return repository.commit(base or repository.head("main"), edits, message="x", author=AUTHOR, at=AT)


@pytest.mark.parametrize("path", UNSAFE)
def test_an_unsafe_path_is_refused_for_reading_and_for_writing(repository: ObjectRepository, path: str) -> None:
    first = repository.head("main")
    for ask in (repository.read, repository.paths):
        with pytest.raises(UnsafePath):
            ask(first, path)
    with pytest.raises(UnsafePath):
        repository.history(first, path, 1)
    with pytest.raises(UnsafePath):
        made(repository, FileEdit(path, None, b"x"))


@pytest.mark.parametrize("path", UNSAFE_TO_EDIT)
def test_a_path_that_tools_take_for_something_else_is_not_written(repository: ObjectRepository, path: str) -> None:
    with pytest.raises(UnsafePath):
        made(repository, FileEdit(path, None, b"x"))


@pytest.fixture
def linked(bare: Path, repository: ObjectRepository) -> str:
    """A commit with a symlink to a file, one to a folder, one out of the repository, and a submodule."""
    blob = {to: git(bare, "hash-object", "-w", "--stdin", given=to.encode()) for to in ("apps", "README.md", "/etc")}
    first = repository.head("main")
    entries = [
        *git(bare, "ls-tree", first).split("\n"),
        f"120000 blob {blob['apps']}\tfolder-link",
        f"120000 blob {blob['README.md']}\tfile-link",
        f"120000 blob {blob['/etc']}\tetc",
        f"160000 commit {first}\tmodule",
    ]
    tree = git(bare, "mktree", given=("\n".join(entries) + "\n").encode())
    return git(bare, "commit-tree", tree, "-p", first, "-m", "links")


def test_a_symlink_or_submodule_is_never_followed(repository: ObjectRepository, linked: str) -> None:
    for path in ("file-link", "folder-link", "folder-link/api.yaml", "etc/hostname", "module", "module/README.md"):
        assert repository.read(linked, path) is None
        assert repository.paths(linked, path) == []
    assert sorted(repository.paths(linked)) == ["README.md", "apps/api.yaml", "apps/web.yaml"]
    with repository.materialise(linked, "") as folder:
        assert sorted(path.name for path in Path(folder).iterdir()) == ["README.md", "apps"]


@pytest.mark.parametrize("path", ["file-link", "folder-link", "folder-link/api.yaml", "etc/x", "module", "module/x"])
def test_a_symlink_or_submodule_is_never_replaced_or_written_through(
    repository: ObjectRepository, linked: str, path: str
) -> None:
    for before in (None, b"README.md", b"hello\n"):
        with pytest.raises(UnsafePath):
            made(repository, FileEdit(path, before, b"x"), base=linked)


def test_links_stay_as_they_are_when_something_else_is_edited(
    bare: Path, repository: ObjectRepository, linked: str
) -> None:
    commit = made(repository, FileEdit("README.md", b"hello\n", b"new\n"), base=linked)
    assert git(bare, "diff", "--name-only", linked, commit) == "README.md"


def test_a_difference_in_a_symlink_is_no_edit(repository: ObjectRepository, linked: str) -> None:
    with pytest.raises(ChangeRefused):
        repository.changes(repository.head("main"), linked)


def test_a_folder_is_not_replaced_by_a_file_nor_a_file_by_a_folder(repository: ObjectRepository) -> None:
    for path in ("apps", "README.md/inside"):
        with pytest.raises(UnsafePath):
            made(repository, FileEdit(path, None, b"x"))


@pytest.mark.parametrize("second", ["new/a", "new", "new/a/b"])
def test_edits_that_clash_are_refused(repository: ObjectRepository, second: str) -> None:
    with pytest.raises(ChangeRefused):
        made(repository, FileEdit("new/a", None, b"x"), FileEdit(second, None, b"y"))


def test_a_file_name_that_is_no_text_is_refused_not_passed_over(bare: Path, repository: ObjectRepository) -> None:
    blob = git(bare, "hash-object", "-w", "--stdin", given=b"x")
    tree = git(bare, "mktree", given=b"100644 blob " + blob.encode() + b"\tcaf\xe9.yaml\n")
    commit = git(bare, "commit-tree", tree, "-m", "x")
    with pytest.raises(BadInput, match="UTF-8"):
        repository.paths(commit)


@pytest.mark.parametrize(
    "author", ["", "Nobody", "A <a@b> <c@d>", "A\n<a@b>", "A <a@b>\nparent 0", " <a@b>", "A <a b>"]
)
def test_an_author_that_git_would_misread_is_refused(repository: ObjectRepository, author: str) -> None:
    with pytest.raises(BadInput):
        repository.snapshot({"a": b""}, (), message="x", author=author, at=AT)


@pytest.mark.parametrize(("message", "at"), [("", AT), (" \n", AT), ("a\0b", AT), ("\ud800", AT), ("x", "yesterday")])
def test_a_message_or_time_that_git_can_t_hold_is_refused(repository: ObjectRepository, message: str, at: str) -> None:
    with pytest.raises(BadInput):
        repository.snapshot({"a": b""}, (), message=message, author=AUTHOR, at=at)
