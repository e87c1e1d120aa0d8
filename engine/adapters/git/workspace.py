"""A temporary folder of files from a commit, for a renderer that can only read a disk.

The folder is this user's alone, its files are new, and it is gone when the block ends, however it ends.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.adapters.git.tree import split_path
from engine.core.errors import ChangeRefused

FILES_LIMIT = 50_000
BYTES_LIMIT = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A regular file: its POSIX path from the top of the repository, whether it may be run, and its bytes."""

    path: str
    executable: bool
    data: bytes


@contextmanager
def written(files: Iterable[File]) -> Iterator[str]:
    """The path of a folder that holds the files. Raises :class:`ChangeRefused` when there are too many, or no room."""
    with tempfile.TemporaryDirectory(prefix="penstock-") as folder:
        try:
            _fill(Path(folder), files)
        except OSError as error:
            raise ChangeRefused(f"the files can't be laid out: {error.strerror}", where=folder) from None
        yield folder


def _fill(folder: Path, files: Iterable[File]) -> None:
    count = size = 0
    for file in files:
        count, size = count + 1, size + len(file.data)
        if count > FILES_LIMIT or size > BYTES_LIMIT:
            raise ChangeRefused(
                f"there are more than {FILES_LIMIT} files or {BYTES_LIMIT} bytes to render",
                where=file.path,
                remedy="Render a smaller folder",
            )
        split_path(file.path)
        target = folder / file.path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(target, flags, 0o700 if file.executable else 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(file.data)
