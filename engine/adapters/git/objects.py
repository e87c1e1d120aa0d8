"""Git objects by id, because a library that runs ``git`` inherits its hooks, configuration and environment.

This is GitPython's pure object database (``gitdb``) with what a gate needs on top: the hash of every object read is
checked against its id, sizes are bounded, what is written is on disk before its id is returned, one lock makes it
safe between threads, and a repack by somebody else is noticed.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import threading
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from gitdb.base import IStream
from gitdb.db import GitDB
from gitdb.exc import BadObject, ODBError

from engine.core.errors import BadInput, ForgeRefused

Kind = Literal["blob", "tree", "commit"]

SIZE_LIMIT = 32 * 1024 * 1024
_FULL_ID = re.compile(r"[0-9a-f]{40}")
_UNREADABLE = (ODBError, OSError, ValueError, LookupError, TypeError, AssertionError, zlib.error, struct.error)


def is_full_id(text: str) -> bool:
    """Whether the text is a whole SHA-1 object id; abbreviations and revision expressions never are."""
    return _FULL_ID.fullmatch(text) is not None


def object_id(kind: Kind, data: bytes) -> str:
    """The id that Git gives these bytes."""
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data, usedforsecurity=False).hexdigest()


class ObjectStore:
    """The objects of one repository, loose and packed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._database: Any = GitDB(str(folder))

    def read(self, wanted: str, kind: Kind) -> bytes:
        """The content of an object.

        Raises :class:`BadInput` when it is absent, of another kind, over ``SIZE_LIMIT``, or not what its id says.
        """
        with self._lock:
            try:
                found = self._read(wanted)
            except BadObject:
                self._reopen()
                found = self._read_or_refuse(wanted)
            except _UNREADABLE:
                found = self._read_or_refuse(wanted)
        if found[0] != kind:
            raise BadInput(f"object {wanted} is a {found[0]}, not a {kind}", where=str(self._folder.parent))
        if object_id(kind, found[1]) != wanted:
            raise self._damaged(wanted, "its content doesn't match its id")
        return found[1]

    def has(self, wanted: str) -> bool:
        """Whether the object is there now, wherever a repack put it."""
        binary = bytes.fromhex(wanted)
        with self._lock:
            if not self._database.has_object(binary):
                self._reopen()
            return bool(self._database.has_object(binary))

    def write(self, kind: Kind, data: bytes) -> str:
        """Store an object and return its id once it is on disk. Raises :class:`ForgeRefused` when it can't be."""
        wanted = object_id(kind, data)
        with self._lock:
            try:
                path = self._folder / wanted[:2] / wanted[2:]
                if path.exists() and not self._holds(wanted, data):
                    path.unlink()  # cut off by a power failure, which leaves the name without the content
                if not path.exists():
                    self._database.store(IStream(kind, len(data), BytesIO(data)))
                flush(path)
                flush(path.parent)
            except OSError as error:
                raise unwritable(self._folder.parent, error) from None
        return wanted

    def close(self) -> None:
        """Let go of files and memory maps."""
        with self._lock:
            with suppress(ODBError):  # the repository itself may be gone by now
                for database in self._database.databases():
                    for entity in getattr(database, "entities", tuple)():
                        entity.close()
            self._database = GitDB(str(self._folder))

    def _holds(self, wanted: str, data: bytes) -> bool:
        try:
            return self._read(wanted)[1] == data
        except _UNREADABLE:
            return False

    def _read(self, wanted: str) -> tuple[str, bytes]:
        stream = self._database.stream(bytes.fromhex(wanted))
        if stream.size > SIZE_LIMIT:
            raise BadInput(
                f"object {wanted} has {stream.size} bytes, over {SIZE_LIMIT}", where=str(self._folder.parent)
            )
        return stream.type.decode("ascii"), bytes(stream.read())

    def _read_or_refuse(self, wanted: str) -> tuple[str, bytes]:
        try:
            return self._read(wanted)
        except BadObject:
            raise self._damaged(wanted, "it is missing") from None
        except _UNREADABLE as error:
            raise self._damaged(wanted, str(error) or type(error).__name__) from None

    def _reopen(self) -> None:
        """Forget which object is in which file: a repack moves them."""
        self._database = GitDB(str(self._folder))

    def _damaged(self, wanted: str, why: str) -> BadInput:
        remedy = "Run `git fsck` there and restore the object, or give another repository"
        return BadInput(f"object {wanted} can't be read: {why}", where=str(self._folder.parent), remedy=remedy)


def flush(path: Path) -> None:
    """Have the kernel put a file or folder on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(folder: Path, error: OSError) -> ForgeRefused:
    """The refusal for a repository that can't be written, naming whose it is."""
    try:
        owner = f"; it belongs to user {folder.stat().st_uid} and this process is user {os.geteuid()}"
    except OSError:
        owner = ""
    return ForgeRefused(
        f"the repository can't be written: {error.strerror or error}{owner}",
        where=str(folder),
        remedy="Run the gate as the repository's owner, or give it the right to write there",
    )
