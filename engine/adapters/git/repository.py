"""The GitOps repository, read and written through its object database alone.

1. No ``git`` command runs, so no hook, filter, alias, transport or environment variable takes part.
2. A commit is named by its whole id; abbreviations, ``HEAD~1`` and other expressions are not understood.
3. Paths are checked before use (``tree.split_path``); symlinks and submodules are never followed or replaced.
4. An edit is made only where the base holds exactly what the edit was made from.
5. Author, committer and date are arguments, and a ref moves only by compare-and-swap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path

from engine.adapters.git.commits import Commit, format_commit, parse_commit
from engine.adapters.git.edits import TreeEditor
from engine.adapters.git.objects import ObjectStore, is_full_id
from engine.adapters.git.opening import find_git_folder
from engine.adapters.git.refs import RefStore
from engine.adapters.git.tree import FOLDER, Entry, decode_name, parse_tree, split_path
from engine.adapters.git.workspace import File, written
from engine.core.change.model import FileEdit
from engine.core.errors import ChangeRefused, NotFound

ANCESTRY_LIMIT = 10_000


class ObjectRepository:
    """A repository on this machine, bare or with a work tree that is left alone.

    Safe between threads and between processes; ``wait_seconds`` is how long a lock of another's is waited for.
    Raises :class:`BadInput` when ``path`` is no repository that is understood here, and wherever an object turns out
    damaged.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 5.0) -> None:
        folder, bare = find_git_folder(path)
        self.location = str(path)
        self._objects = ObjectStore(folder / "objects")
        self._refs = RefStore(folder, bare=bare, wait_seconds=wait_seconds)
        self._entries = lru_cache(maxsize=16_384)(self._parse_tree)
        self._commit = lru_cache(maxsize=16_384)(self._parse_commit)
        self._editor = TreeEditor(self._entries, self._objects)

    def close(self) -> None:
        """Let go of the repository's files."""
        self._objects.close()

    def head(self, branch: str) -> str:
        """The commit a branch points at. Raises :class:`NotFound`."""
        found = self.ref(f"refs/heads/{branch}")
        if found is None:
            raise NotFound(f"there is no branch {branch!r}", where=self.location, remedy="Push it, or name another")
        return found

    def ref(self, name: str) -> str | None:
        """The commit a full ref name points at, or ``None``."""
        return self._refs.read(name)

    def refs(self, prefix: str) -> Mapping[str, str]:
        """Refs below a prefix that ends in a slash, with their commits."""
        return self._refs.below(prefix)

    def move(self, name: str, old: str | None, new: str | None) -> None:
        """Compare-and-swap of a ref; ``None`` for one that doesn't exist. Raises :class:`LostRace`."""
        if new is not None:
            self.describe(new)
        self._refs.move(name, old, new)

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the lock that serialises steps over several refs; not re-entrant."""
        return self._refs.exclusive()

    def describe(self, commit: str) -> Commit:
        """One commit. Raises :class:`NotFound` for anything but the whole id of a commit that is here."""
        if not is_full_id(commit):
            raise NotFound(f"{commit[:80]!r} is not a full commit id", where=self.location)
        return self._commit(commit)

    def read(self, commit: str, path: str) -> bytes | None:
        """A regular file's bytes at a commit, or ``None``. Raises :class:`UnsafePath`."""
        entry = self._entry(self.describe(commit).tree, split_path(path))
        return self._objects.read(entry.id, "blob") if entry is not None and entry.is_file else None

    def paths(self, commit: str, under: str = "") -> Sequence[str]:
        """Paths of all regular files at a commit, below a folder, in Git's order."""
        return [path for path, _ in self._files(commit, under)]

    def history(self, commit: str, path: str, limit: int) -> Sequence[Commit]:
        """Commits that changed a file or folder, newest first, along first parents.

        A merge counts as the change it brought in.
        """
        parts = split_path(path)
        found: list[Commit] = []
        current: Commit | None = self.describe(commit)
        while current is not None and len(found) < limit:
            parent = self.describe(current.parents[0]) if current.parents else None
            if self._changed(current, parent, parts):
                found.append(current)
            current = parent
        return found

    def between(self, tip: str, base: str) -> Iterator[Commit]:
        """Commits reachable from ``tip``, nearest first, without going past ``base``; at most ``ANCESTRY_LIMIT``."""
        waiting, seen = deque([tip] if tip != base else []), {tip, base}
        while waiting and len(seen) <= ANCESTRY_LIMIT:
            current = self.describe(waiting.popleft())
            yield current
            fresh = [parent for parent in current.parents if parent not in seen]
            seen.update(fresh)
            waiting.extend(fresh)

    def descends(self, tip: str, base: str) -> bool:
        """Whether ``tip`` is ``base`` or was made on top of it."""
        return tip == base or any(base in commit.parents for commit in self.between(tip, base))

    def merge_base(self, one: str, other: str) -> str:
        """The commit nearest to ``other`` that ``one`` was made on top of. Raises :class:`NotFound`."""
        mine = {one, *(commit.id for commit in self.between(one, ""))}
        found = next((c.id for c in self.between(other, "") if c.id in mine), None)
        if found is None:
            raise NotFound(f"{one[:12]} and {other[:12]} have no commit in common", where=self.location)
        return found

    def changes(self, old: str, new: str) -> tuple[FileEdit, ...]:
        """The edits from one commit's files to another's. Raises :class:`ChangeRefused` beyond regular files."""
        return self._editor.compare(self.describe(old).tree, self.describe(new).tree)

    def commit(self, base: str, edits: Sequence[FileEdit], *, message: str, author: str, at: str) -> str:
        """Write a commit on top of ``base`` and return its id; no branch is moved.

        Raises :class:`ChangeRefused` when an edit's ``before`` isn't what ``base`` holds, when a symlink or submodule
        is in the way, or when nothing would change; :class:`UnsafePath`; :class:`BadInput` for author or message.
        """
        return self.merge((base,), edits, message=message, author=author, at=at)

    def merge(self, parents: tuple[str, ...], edits: Sequence[FileEdit], *, message: str, author: str, at: str) -> str:
        """As :meth:`commit`, with further parents besides the first, on whose files the edits are made."""
        base = self.describe(parents[0]).tree
        tree = self._editor.apply(base, edits)
        if tree == base:
            raise ChangeRefused("the edits change nothing", where=parents[0])
        return self._write_commit(tree, parents, message=message, author=author, at=at)

    def snapshot(
        self, files: Mapping[str, bytes], parents: tuple[str, ...], *, message: str, author: str, at: str
    ) -> str:
        """Write a commit that holds exactly these regular files and return its id. Raises :class:`UnsafePath`."""
        contents = [File(path, False, data) for path, data in files.items()]
        return self.import_files(contents, parents, message=message, author=author, at=at)

    def import_files(
        self, files: Iterable[File], parents: tuple[str, ...], *, message: str, author: str, at: str
    ) -> str:
        """As :meth:`snapshot`, for files that may be executable."""
        tree = self._editor.build(files)
        return self._write_commit(tree, parents, message=message, author=author, at=at)

    def materialise(self, commit: str, under: str, edits: Sequence[FileEdit] = ()) -> AbstractContextManager[str]:
        """A temporary folder with the regular files below ``under`` at their paths in the repository, edits applied.

        It is readable by this user only, and removed at the end of the block. Raises :class:`ChangeRefused` when the
        edits don't fit ``commit``, or when there is more than a renderer should be given.
        """
        tree = self._editor.apply(self.describe(commit).tree, edits)
        files = (
            File(path, entry.is_executable, self._objects.read(entry.id, "blob"))
            for path, entry in self._files_of(tree, under)
        )
        return written(files)

    def _write_commit(self, tree: str, parents: tuple[str, ...], *, message: str, author: str, at: str) -> str:
        for parent in parents:
            self.describe(parent)
        return self._objects.write("commit", format_commit(tree, parents, message=message, author=author, at=at))

    def _parse_tree(self, identity: str) -> Mapping[bytes, Entry]:
        return parse_tree(self._objects.read(identity, "tree"), where=f"{self.location} tree {identity}")

    def _parse_commit(self, identity: str) -> Commit:
        if not self._objects.has(identity):
            raise NotFound(f"there is no commit {identity}", where=self.location, remedy="Fetch it, or name another")
        return parse_commit(identity, self._objects.read(identity, "commit"), where=self.location)

    def _entry(self, tree: str, parts: Sequence[bytes]) -> Entry | None:
        entry: Entry | None = Entry(FOLDER, tree)
        for part in parts:
            entry = self._entries(entry.id).get(part) if entry is not None and entry.is_folder else None
        return entry

    def _changed(self, commit: Commit, parent: Commit | None, parts: Sequence[bytes]) -> bool:
        if parent is not None and commit.tree == parent.tree:
            return False
        before = self._entry(parent.tree, parts) if parent is not None else None
        return self._entry(commit.tree, parts) != before

    def _files(self, commit: str, under: str) -> Iterator[tuple[str, Entry]]:
        return self._files_of(self.describe(commit).tree, under)

    def _files_of(self, tree: str, under: str) -> Iterator[tuple[str, Entry]]:
        start = self._entry(tree, split_path(under))
        if start is not None and start.is_folder:
            yield from self._walk(start.id, f"{under}/" if under else "")
        elif start is not None and start.is_file:
            yield under, start

    def _walk(self, tree: str, prefix: str) -> Iterator[tuple[str, Entry]]:
        for name, entry in self._entries(tree).items():
            path = prefix + decode_name(name, where=f"{self.location} {prefix}")
            if entry.is_folder:
                yield from self._walk(entry.id, path + "/")
            elif entry.is_file:
                yield path, entry
