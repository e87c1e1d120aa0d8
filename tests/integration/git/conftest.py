"""A bare repository made without Git, which Git finds in order when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from tests.integration.git.plain_git import fsck

FILES = {"README.md": b"hello\n", "apps/api.yaml": b"replicas: 2\n", "apps/web.yaml": b"replicas: 3\n"}


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Path]:
    """A bare repository with one commit on ``main``; checked by ``git fsck --strict`` after a test that writes."""
    path = tmp_path / "gitops.git"
    create_bare(path)
    repository = ObjectRepository(path)
    first = repository.snapshot(FILES, (), message="Import", author="T <t@example.com>", at="2026-11-01T00:00:00Z")
    repository.move("refs/heads/main", None, first)
    repository.close()
    before = state(path)
    yield path
    if state(path) != before:
        fsck(path)


def state(path: Path) -> list[tuple[Path, int]]:
    """Every file with its time of change: what wasn't touched needs no checking."""
    return sorted((each, each.stat().st_mtime_ns) for each in path.rglob("*"))


@pytest.fixture
def repository(bare: Path) -> Iterator[ObjectRepository]:
    opened = ObjectRepository(bare, wait_seconds=0.2)
    yield opened
    opened.close()
