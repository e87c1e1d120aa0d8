"""Runbooks that live in the GitOps repository are the protected branch's, and the last good ones stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine import wiring
from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.core.errors import BadInput, NotFound
from engine.settings import Settings, read_settings
from tests.conftest import ROOT
from tests.integration.policies.test_policy_on_branch import AT, AUTHOR, write

CRASH, TITLE = "books/crash-loop/runbook.yaml", b"title: Crash loop"


@pytest.fixture
def on_branch(tmp_path: Path) -> Settings:
    """Settings of a gate whose runbooks are in a repository."""
    create_bare(tmp_path / "gitops.git")
    files = {
        f"books/{path.relative_to(ROOT / 'runbooks')}": path.read_bytes()
        for path in (ROOT / "runbooks").glob("*/runbook.yaml")
    }
    with closing(ObjectRepository(tmp_path / "gitops.git")) as made:
        first = made.snapshot(files, (), message="Import", author=AUTHOR, at=AT)
        made.move("refs/heads/main", None, first)
    return replace(read_settings({}), repo=tmp_path / "gitops.git", runbooks=Path("repo:books"))


@pytest.fixture
def repository(on_branch: Settings) -> Iterator[Any]:
    with closing(wiring.repository(on_branch)) as opened:
        yield opened


def looked_again(on_branch: Settings, books: Any) -> str:
    """What the loop's look leaves behind: why the runbooks are stale, empty where they aren't."""
    ports = SimpleNamespace(policy=None, runbooks=books)
    gate = cast(wiring.Gate, SimpleNamespace(ports=ports, settings=on_branch))
    return wiring.runbooks_stale(wiring.looking_again(gate))


def title(books: Any) -> str:
    return str(books.get("crash-loop").title)


def test_what_is_merged_is_followed_and_what_a_pull_request_says_is_not(on_branch: Settings, repository: Any) -> None:
    books = wiring.runbooks(on_branch, repository)
    assert len(books.runbooks) == len(wiring.runbooks(read_settings({})).runbooks)
    other = repository.read(repository.head("main"), CRASH).replace(TITLE, b"title: It crashes")
    write(repository, "proposed", CRASH, other)
    assert (looked_again(on_branch, books), title(books)) == ("", "Crash loop")
    write(repository, "main", CRASH, other)
    assert (looked_again(on_branch, books), title(books)) == ("", "It crashes")


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        (CRASH, b"title: [", "not valid YAML"),
        (CRASH, b"title: x\n", "runbook"),
        ("books/strange/notes.md", b"x", "has no runbook.yaml"),
    ],
)
def test_of_what_cannot_be_read_nothing_is_taken_and_it_is_said(
    on_branch: Settings, repository: Any, path: str, data: bytes, said: str
) -> None:
    books = wiring.runbooks(on_branch, repository)
    before, good = len(books.runbooks), repository.read(repository.head("main"), CRASH)
    write(repository, "main", path, data)
    for _ in range(2):
        assert said in looked_again(on_branch, books)
        assert (title(books), len(books.runbooks)) == ("Crash loop", before)
    with pytest.raises(BadInput):
        wiring.runbooks(on_branch, repository)
    if path == CRASH:
        write(repository, "main", CRASH, good)
        assert looked_again(on_branch, books) == ""


def test_a_place_without_runbooks_is_none(on_branch: Settings, repository: Any) -> None:
    with pytest.raises(NotFound, match="the branch holds no elsewhere"):
        wiring.runbooks(replace(on_branch, runbooks=Path("repo:elsewhere")), repository)
    with pytest.raises(BadInput, match="names no place"):
        read_settings({"PENSTOCK_RUNBOOKS": "repo:"})
    assert read_settings({"PENSTOCK_RUNBOOKS": "repo:books/"}).runbooks_on_branch == "books"
    assert wiring.asked_runbooks(on_branch, repository).get("crash-loop") is not None
