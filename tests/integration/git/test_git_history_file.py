"""A folder and a list of steps become the same repository on every machine, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.git.history_file import Step, make_repository, read_steps
from engine.adapters.git.repository import ObjectRepository
from engine.core.errors import BadInput, UnsafePath
from tests.integration.git.plain_git import fsck, git

STEPS = """
- import: true
  author: Ines Duarte
  email: ines@example.com
  date: 2026-10-19T10:12:41+02:00
  message: |
    Import it
- author: Release Bot
  email: bot@example.com
  date: 2026-10-22T09:47:03Z
  message: Release it
  edits:
    - {path: apps/api.yaml, replace: "replicas: 2", with: "replicas: 5"}
    - {path: apps/api.yaml, replace: "image: a", with: "image: b"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "workloads"
    (folder / "apps").mkdir(parents=True)
    (folder / "apps" / "api.yaml").write_bytes(b"replicas: 2\nimage: a\n")
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    return folder


def steps(tmp_path: Path, text: str = STEPS) -> tuple[Step, ...]:
    (tmp_path / "history.yaml").write_text(text)
    return read_steps(tmp_path / "history.yaml")


def test_the_same_folder_and_steps_make_the_same_commits(tmp_path: Path, folder: Path) -> None:
    tips = [make_repository(tmp_path / name, folder, steps(tmp_path)) for name in ("one.git", "two.git")]
    assert tips == ["282708a75a3058998e1f477dba5e5f1b018053b5"] * 2
    repository = ObjectRepository(tmp_path / "one.git")
    assert repository.read(tips[0], "apps/api.yaml") == b"replicas: 5\nimage: b\n"
    log = git(tmp_path / "one.git", "log", "--format=%an|%at|%s", "main").split("\n")
    assert log == ["Release Bot|1792662423|Release it", "Ines Duarte|1792397561|Import it"]
    assert git(tmp_path / "one.git", "ls-tree", "main", "run.sh").startswith("100755")
    fsck(tmp_path / "one.git")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"replicas: 2"', '"replicas"', ""),
        ('"image: a"', '"image: z"', "occurs 0 times"),
        ('"image: a"', '"e"', "occurs 2 times"),
        ('{path: apps/api.yaml, replace: "replicas', '{path: none.yaml, replace: "replicas', "no such file"),
        ("2026-10-22T09:47:03Z", "yesterday", "RFC 3339"),
        ("email: bot@example.com", "email: 'bot> <x'", "not an author"),
    ],
)
def test_a_step_that_can_t_be_made_leaves_no_repository(
    tmp_path: Path, folder: Path, old: str, new: str, told: str
) -> None:
    changed = steps(tmp_path, STEPS.replace(old, new))
    if not told:
        make_repository(tmp_path / "fine.git", folder, changed)
        return
    with pytest.raises(BadInput, match=told):
        make_repository(tmp_path / "made.git", folder, changed)
    assert not (tmp_path / "made.git").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense: [",
        STEPS.replace("- import: true\n  author", "- author"),
        STEPS.replace("- author: Release Bot", "- import: true\n  author: Release Bot"),
        STEPS.replace("message: Release it", "message: Release it\n  message: twice"),
        STEPS.replace("message: Release it", "mesage: Release it"),
        STEPS.replace("  date: 2026-10-22T09:47:03Z\n", ""),
    ],
)
def test_a_list_of_steps_that_is_none_is_refused_naming_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        steps(tmp_path, text)
    assert refused.value.where.endswith("history.yaml")


def test_a_folder_with_a_symlink_is_not_imported(tmp_path: Path, folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(BadInput, match="not a regular file"):
        make_repository(tmp_path / "made.git", folder, steps(tmp_path))


def test_a_folder_with_a_repository_inside_is_not_imported(tmp_path: Path, folder: Path) -> None:
    (folder / "apps" / ".git").mkdir()
    (folder / "apps" / ".git" / "config").write_text("x")
    with pytest.raises(UnsafePath):
        make_repository(tmp_path / "made.git", folder, steps(tmp_path))


def test_an_empty_folder_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no files"):
        make_repository(tmp_path / "made.git", tmp_path / "empty", steps(tmp_path))


def test_the_recorded_history_can_be_replayed(tmp_path: Path) -> None:
    root = Path(__file__).parents[3] / "gitops"
    tip = make_repository(
        tmp_path / "made.git", root / "workloads", read_steps(root / "recordings/payments-crash-loop/history.yaml")
    )
    assert git(tmp_path / "made.git", "rev-parse", "main") == tip
    fsck(tmp_path / "made.git")
