"""Git itself agrees with everything that is read and written without it."""

from __future__ import annotations

from pathlib import Path

from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from tests.integration.git.plain_git import git

AUTHOR, AT = "Ines Duarte <ines@example.com>", "2026-11-02T10:00:00Z"
MESSAGE = "Give it five\n\nBecause of the queue.\n\nPenstock-Decision: dec-1\nPenstock-Policy: r7 sha256:ab\n"


def five(repository: ObjectRepository, message: str = MESSAGE) -> str:
    edit = FileEdit("apps/api.yaml", b"replicas: 2\n", b"replicas: 5\n")
    return repository.commit(repository.head("main"), [edit], message=message, author=AUTHOR, at=AT)


def test_a_commit_says_who_and_when_it_was_told_and_touches_one_file(bare: Path, repository: ObjectRepository) -> None:
    made = five(repository)
    shown = git(bare, "show", "--format=%an <%ae>|%at|%cn <%ce>|%ct|%s", "--name-status", made).split("\n")
    assert shown == [
        f"{AUTHOR}|1793613600|{AUTHOR}|1793613600|Give it five",
        "",
        "M\tapps/api.yaml",
    ]


def test_trailers_are_those_that_git_reads(bare: Path, repository: ObjectRepository) -> None:
    made = five(repository)
    parsed = git(bare, "show", "-s", "--format=%(trailers:only,unfold)", made).split("\n")
    assert [f"{name}: {value}" for name, value in repository.describe(made).trailers.items()] == parsed


def test_a_last_paragraph_with_other_words_holds_no_trailers(repository: ObjectRepository) -> None:
    for message in ("Only-A: subject", "Subject\n\nSome words\nPenstock-Decision: dec-1"):
        assert repository.describe(five(repository, message)).trailers == {}


def test_a_file_stays_executable_when_it_is_edited(bare: Path, repository: ObjectRepository) -> None:
    blob = git(bare, "hash-object", "-w", "--stdin", given=b"#!/bin/sh\n")
    tree = git(bare, "mktree", given=f"100755 blob {blob}\trun.sh\n".encode())
    base = git(bare, "commit-tree", tree, "-m", "x")
    edit = FileEdit("run.sh", b"#!/bin/sh\n", b"#!/bin/sh\nexit 1\n")
    made = repository.commit(base, [edit], message="x", author=AUTHOR, at=AT)
    assert git(bare, "ls-tree", made).startswith("100755 blob")


def test_folders_sort_as_git_sorts_them(bare: Path, repository: ObjectRepository) -> None:
    names = ["a", "a-b", "a.c", "a0", "ab/x", "a_/x", "a!/x", "b/x", "b-c", "b.d", "b0", "z/y/x", "Ω/ω.yaml"]
    made = repository.snapshot({n: n.encode() for n in names}, (), message="x", author=AUTHOR, at=AT)
    assert list(repository.paths(made)) == git(
        bare, "-c", "core.quotePath=off", "ls-tree", "-r", "--name-only", made
    ).split("\n")


def test_what_git_wrote_is_read_the_same_loose_and_packed(bare: Path, repository: ObjectRepository) -> None:
    tip = five(repository)
    for number in range(40):
        edit = FileEdit(f"apps/{number}.yaml", None, b"replicas: 2\n" * 50 + b"%d\n" % number)
        tip = repository.commit(tip, [edit], message=f"Add {number}", author=AUTHOR, at=AT)
    repository.move("refs/heads/main", repository.head("main"), tip)
    before = {path: repository.read(tip, path) for path in repository.paths(tip)}
    git(bare, "gc", "--quiet", "--prune=now")
    assert not list((bare / "objects").glob("[0-9a-f][0-9a-f]/*"))
    fresh = ObjectRepository(bare)
    assert fresh.head("main") == tip
    assert {path: fresh.read(tip, path) for path in fresh.paths(tip)} == before
    assert [c.id for c in fresh.history(tip, "apps", 100)] == git(bare, "rev-list", tip, "--", "apps").split("\n")
    fresh.close()


def test_a_repack_by_somebody_else_is_noticed_by_who_is_reading(bare: Path, repository: ObjectRepository) -> None:
    first = repository.head("main")
    assert repository.read(first, "README.md") == b"hello\n"
    git(bare, "gc", "--quiet", "--prune=now")
    assert repository.read(first, "apps/web.yaml") == b"replicas: 3\n"
    assert repository.read(first, "README.md") == b"hello\n"
    made = five(repository)
    repository.move("refs/heads/main", first, made)
    git(bare, "gc", "--quiet", "--prune=now")
    assert repository.read(made, "apps/api.yaml") == b"replicas: 5\n"


def test_a_merge_counts_once_in_the_history_of_what_it_brought_in(bare: Path, repository: ObjectRepository) -> None:
    first = repository.head("main")
    side = five(repository)
    edit = FileEdit("apps/api.yaml", b"replicas: 2\n", b"replicas: 5\n")
    merge = repository.merge((first, side), [edit], message="Merge it", author=AUTHOR, at=AT)
    assert git(bare, "rev-list", "--parents", "-1", merge) == f"{merge} {first} {side}"
    assert [commit.id for commit in repository.history(merge, "apps/api.yaml", 5)] == [merge, first]
    assert [commit.id for commit in repository.between(merge, first)] == [merge, side]
    assert repository.descends(merge, side) and not repository.descends(first, merge)


def test_changes_between_commits_are_the_edits_that_lead_there(repository: ObjectRepository) -> None:
    first = repository.head("main")
    edits = (
        FileEdit("README.md", b"hello\n", None),
        FileEdit("apps/api.yaml", b"replicas: 2\n", b"replicas: 5\n"),
        FileEdit("new/one.yaml", None, b"x\n"),
    )
    made = repository.commit(first, edits, message="x", author=AUTHOR, at=AT)
    assert repository.changes(first, made) == edits
    undone = repository.commit(made, repository.changes(made, first), message="undo", author=AUTHOR, at=AT)
    assert repository.describe(undone).tree == repository.describe(first).tree


def test_no_hook_environment_or_configuration_takes_part(
    bare: Path, repository: ObjectRepository, monkeypatch, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    told = tmp_path / "told"
    for name in ("reference-transaction", "pre-commit", "post-update", "update"):
        hook = bare / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >>{told}\n")
        hook.chmod(0o755)
    (bare / "config").write_text(
        (bare / "config").read_text()
        + "[core]\n\tfsmonitor = false\n[user]\n\tname = Mallory\n[i18n]\n\tcommitEncoding = utf-16\n"
    )
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Mallory")
    fresh = ObjectRepository(bare)
    made = five(fresh)
    fresh.move("refs/heads/main", fresh.head("main"), made)
    monkeypatch.undo()
    assert not told.exists()
    assert fresh.describe(made).author == AUTHOR
    assert git(bare, "rev-parse", "main") == made
    fresh.close()
