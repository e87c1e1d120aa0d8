"""Trees and the paths through them, with every trick of a path refused before it reaches an object or a disk.

A tree written here is applied by GitOps and checked out by people, on file systems that fold case and drop trailing
dots. So what could become ``.git`` anywhere is refused everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from engine.core.errors import BadInput, UnsafePath

FOLDER = "40000"
FILE = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
SUBMODULE = "160000"

PATH_LIMIT = 1024


class Entry(NamedTuple):
    """What a name in a tree stands for: a mode as Git writes it, and an object id."""

    mode: str
    id: str

    @property
    def is_folder(self) -> bool:
        return self.mode == FOLDER

    @property
    def is_file(self) -> bool:
        return self.mode.startswith("100")

    @property
    def is_executable(self) -> bool:
        return self.is_file and int(self.mode, 8) & 0o100 != 0


Entries = Mapping[bytes, Entry]


def parse_tree(data: bytes, *, where: str) -> dict[bytes, Entry]:
    """The entries of a tree object by name. Raises :class:`BadInput` for anything but a well-formed tree."""
    entries: dict[bytes, Entry] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 7)
        end = data.find(b"\0", space + 1)
        mode, name, identity = data[at:space], data[space + 1 : end], data[end + 1 : end + 21]
        well_formed = space > at and end > space + 1 and len(identity) == 20 and not mode.strip(b"01234567")
        if not well_formed or name in entries or b"/" in name:
            raise BadInput("a tree is malformed", where=where, remedy="Run `git fsck` on the repository")
        entries[name] = Entry(mode.lstrip(b"0").decode("ascii"), identity.hex())
        at = end + 21
    return entries


def format_tree(entries: Entries) -> bytes:
    """The bytes of a tree object, in Git's order: a folder sorts as if its name ended in a slash."""
    ordered = sorted(entries.items(), key=lambda item: item[0] + b"/" if item[1].is_folder else item[0])
    return b"".join(b"%s %s\0%s" % (e.mode.encode(), name, bytes.fromhex(e.id)) for name, e in ordered)


def split_path(path: str) -> tuple[bytes, ...]:
    """The components of a POSIX path relative to the repository; none for the empty path.

    Raises :class:`UnsafePath` for absolute paths, ``.`` and ``..``, empty components, backslashes, control or invisible
    characters, whatever some file system takes for ``.git``, and what is longer than ``PATH_LIMIT``.
    """
    if not path:
        return ()
    if len(path) > PATH_LIMIT:
        raise UnsafePath(f"the path is longer than {PATH_LIMIT} characters", where=path[:80] + "…")
    return tuple(_component(part, path) for part in path.split("/"))


def split_edited_path(path: str) -> tuple[bytes, ...]:
    """As :func:`split_path`, for a file that is to be written.

    It needs a name, may not declare submodules, and no part may start with ``-``, which tools read as an option.
    """
    parts = split_path(path)
    if any(part.startswith(b"-") for part in parts):
        raise UnsafePath("a part of the path starts with '-'", where=path, remedy="Name it otherwise")
    if not parts or _folded(path.rsplit("/", 1)[-1]) == ".gitmodules":
        raise UnsafePath("no edit may touch this path", where=path or "path", remedy="Name a file of the workloads")
    return parts


def decode_name(name: bytes, *, where: str) -> str:
    """A tree entry's name as text. Raises :class:`BadInput` when it isn't UTF-8."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"the file name {name!r} is not UTF-8", where=where, remedy="Rename the file") from None


def _component(part: str, path: str) -> bytes:
    shown = path.encode("unicode_escape").decode("ascii")
    if part in ("", ".", ".."):
        raise UnsafePath("the path must be relative and without '.', '..' or empty parts", where=shown)
    if "\\" in part or any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in part):
        raise UnsafePath("the path holds a backslash, a control or an invisible character", where=shown)
    if _folded(part) in (".git", "git~1"):
        raise UnsafePath("the path reaches into Git's own files", where=shown)
    return part.encode("utf-8")


def _folded(part: str) -> str:
    """The name as a file system sees it that folds case and width, and drops streams, trailing dots and spaces."""
    return unicodedata.normalize("NFKC", part).casefold().split(":", 1)[0].rstrip(" .")
