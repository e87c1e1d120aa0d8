"""The repository's regular files at one commit, and paths that can't leave it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.errors import UnsafeSource

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Tree:
    """Paths of regular files, sorted, and a reader of their bytes. Links and submodules are in neither."""

    paths: Sequence[str]
    reader: Callable[[str], bytes | None]
    _seen: dict[str, bytes | None] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        """A file's bytes, ``None`` where no regular file is."""
        if path not in self._seen:
            self._seen[path] = self.reader(path) if self.is_file(path) else None
        return self._seen[path]

    def is_file(self, path: str) -> bool:
        """Whether a regular file is there."""
        at = bisect_left(self.paths, path)
        return at < len(self.paths) and self.paths[at] == path

    def below(self, folder: str) -> Sequence[str]:
        """Paths below a folder; the empty folder is the root."""
        if not folder:
            return self.paths
        prefix = f"{folder}/"
        first = bisect_left(self.paths, prefix)
        last = bisect_left(self.paths, f"{folder}0")
        return self.paths[first:last]


def parent(path: str) -> str:
    """The folder of a path; the root is empty."""
    return path.rpartition("/")[0]


def join(folder: str, relative: str, where: str) -> str:
    """A path relative to a folder, from the root. Raises :class:`UnsafeSource` when it leaves the repository."""
    remedy = "Keep everything that is rendered inside this repository"
    if relative.startswith("/") or "\\" in relative or "\0" in relative:
        raise UnsafeSource(f"{relative!r} is not a relative path", where=where, remedy=remedy)
    parts = folder.split("/") if folder else []
    for part in relative.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                raise UnsafeSource(f"{relative!r} leaves the repository", where=where, remedy=remedy)
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def relative(folder: str, path: str) -> str:
    """How a file is named from a folder that it is in or beside."""
    here, there = folder.split("/") if folder else [], path.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])
