"""A Git repository in memory: the port's promises without object database or disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.core import canonical
from engine.core.change.model import FileEdit
from engine.core.errors import ChangeRefused, NotFound


@dataclass(frozen=True)
class MemoryCommit:
    """One commit with all its files."""

    id: str
    author: str
    at: str
    subject: str
    files: Mapping[str, bytes]
    parent: str | None
    trailers: dict[str, str] = field(default_factory=dict)


class MemoryRepository:
    """Implements ``engine.ports.GitRepository`` for a linear history."""

    def __init__(self, files: Mapping[str, bytes | str] | None = None, *, branch: str = "main") -> None:
        self._commits: dict[str, MemoryCommit] = {}
        self._branches: dict[str, str] = {}
        if files is not None:
            contents = {p: d.encode() if isinstance(d, str) else d for p, d in files.items()}
            first = self._store(contents, None, "Import", "test <test@example.com>", "2026-11-01T00:00:00Z")
            self._branches[branch] = first

    @classmethod
    def of_folder(cls, folder: Path) -> MemoryRepository:
        """A repository with the regular files of a folder; links are left out, as the port never follows them."""
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }
        return cls(files)

    def head(self, branch: str) -> str:
        if branch not in self._branches:
            raise NotFound(f"there is no branch {branch!r}")
        return self._branches[branch]

    def read(self, commit: str, path: str) -> bytes | None:
        return self._get(commit).files.get(path)

    def paths(self, commit: str, under: str = "") -> Sequence[str]:
        return sorted(p for p in self._get(commit).files if _below(p, under))

    def history(self, commit: str, path: str, limit: int) -> Sequence[MemoryCommit]:
        found: list[MemoryCommit] = []
        current: MemoryCommit | None = self._get(commit)
        while current is not None and len(found) < limit:
            parent = self._commits[current.parent] if current.parent else None
            if _under(current, path) != (_under(parent, path) if parent else {}):
                found.append(current)
            current = parent
        return found

    def merge_base(self, one: str, other: str) -> str:
        mine = {commit.id for commit in self._line(one)}
        found = next((commit.id for commit in self._line(other) if commit.id in mine), None)
        if found is None:
            raise NotFound("they have no commit in common")
        return found

    def changes(self, old: str, new: str) -> Sequence[FileEdit]:
        before, after = self._get(old).files, self._get(new).files
        paths = sorted(p for p in {*before, *after} if before.get(p) != after.get(p))
        return [FileEdit(p, before.get(p), after.get(p)) for p in paths]

    def _line(self, commit: str) -> Iterator[MemoryCommit]:
        current: MemoryCommit | None = self._get(commit)
        while current is not None:
            yield current
            current = self._commits[current.parent] if current.parent else None

    def commit(self, base: str, edits: Sequence[FileEdit], *, message: str, author: str, at: str) -> str:
        files = dict(self._get(base).files)
        for edit in edits:
            if files.get(edit.path) != edit.before:
                raise ChangeRefused("the base holds something else", where=edit.path)
            if edit.after is None:
                files.pop(edit.path, None)
            else:
                files[edit.path] = edit.after
        if files == self._get(base).files:
            raise ChangeRefused("the edits change nothing", where=base)
        return self._store(files, base, message, author, at)

    def advance(
        self, edits: Mapping[str, bytes | str | None], *, at: str, branch: str = "main", message: str = "x"
    ) -> str:
        """Commit on a branch and move it: what tests make history with."""
        base = self.head(branch)
        made = [FileEdit(p, self.read(base, p), d.encode() if isinstance(d, str) else d) for p, d in edits.items()]
        self._branches[branch] = self.commit(base, made, message="x", author="test <test@example.com>", at=at)
        return self._branches[branch]

    @contextmanager
    def materialise(self, commit: str, under: str, edits: Sequence[FileEdit] = ()) -> Iterator[str]:
        files: dict[str, bytes | None] = dict(self._get(commit).files)
        files.update({edit.path: edit.after for edit in edits})
        with tempfile.TemporaryDirectory() as folder:
            for path, data in files.items():
                if data is not None and _below(path, under):
                    target = Path(folder) / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
            yield folder

    def _get(self, commit: str) -> MemoryCommit:
        if commit not in self._commits:
            raise NotFound(f"there is no commit {commit}")
        return self._commits[commit]

    def _store(self, files: Mapping[str, bytes], parent: str | None, message: str, author: str, at: str) -> str:
        content = {path: canonical.digest_bytes(data) for path, data in files.items()}
        key = canonical.digest([content, parent or "", message, author, at]).removeprefix("sha256:")[:40]
        self._commits[key] = MemoryCommit(key, author, at, message.split("\n", maxsplit=1)[0], dict(files), parent)
        return key


def _below(path: str, under: str) -> bool:
    return not under or path == under or path.startswith(f"{under}/")


def _under(commit: MemoryCommit, path: str) -> dict[str, bytes]:
    return {p: d for p, d in commit.files.items() if _below(p, path)}
