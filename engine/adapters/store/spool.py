"""The spool: what has to be on record although the ledger can't be reached, or isn't worth opening.

A refusal because the database is down is the very thing somebody will look for later. Each process writes a file
of its own and holds a lock on it, which the kernel lets go however the process ends; a file that can be locked is
therefore finished. The name appears only once the lock is held.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from engine.core import canonical
from engine.core.errors import BadInput, LedgerUnavailable
from engine.core.moment import format_instant, parse_instant
from engine.core.record import Entry

MARK = "spooled"
LINE_LIMIT = 16_777_216

_FIELDS = {"id", "at", "kind", "subject", "body"}
_REMEDY = "Make room, and give this user (and nobody else) write access to the spool folder"


class Spool:
    """Appends entries to this process's own file in a folder; nothing is made before the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: int | None = None
        self._stem = ""
        self._count = 0

    def append(self, entry: Entry, *, at: str) -> str:
        """Write one entry and return its id once it is on disk.

        Raises :class:`LedgerUnavailable` when it can't be kept, and :class:`BadInput` for an entry that can't be
        written or whose body has the field ``spooled``, which marks what came this way.
        """
        if MARK in entry.body:
            raise BadInput(f"has the field {MARK!r}, which is the spool's", where=f"{entry.kind} {entry.subject}")
        parse_instant(at)
        try:
            return self._append(entry, at)
        except OSError as error:
            self.close()  # a line cut short must be the last of its file
            raise LedgerUnavailable(
                f"it can't be spooled either ({error.strerror})", where=str(self._folder), remedy=_REMEDY
            ) from None

    def _append(self, entry: Entry, at: str) -> str:
        handle = self._open() if self._handle is None else self._handle
        entry_id = f"{self._stem}:{self._count + 1}"
        fields = {"id": entry_id, "at": at, "kind": entry.kind, "subject": entry.subject, "body": entry.body}
        line = canonical.encode(fields) + b"\n"
        if os.write(handle, line) != len(line):
            raise OSError(0, "the disk took only a part of it")
        os.fsync(handle)
        self._count += 1
        return entry_id

    def _open(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._stem, self._count = f"{os.getpid()}-{time.time_ns()}-{secrets.token_hex(4)}", 0
        hidden = self._folder / f".{self._stem}"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._handle = os.open(hidden, flags, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        hidden.rename(self._folder / f"{self._stem}.jsonl")
        _sync_folder(self._folder)
        return self._handle

    def close(self) -> None:
        """Finish the file, so that whoever opens the ledger takes it in."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Spooled:
    """One entry as it was spooled, marked as such in its body."""

    entry_id: str
    at: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """A finished file, whose lock is held while it is looked at. ``whole`` is false when a line can't be read."""

    path: Path
    entries: list[Spooled]
    whole: bool

    def done(self) -> None:
        """Take the file away; one with unreadable lines is kept under another name for people to look at."""
        if self.whole:
            self.path.unlink()
        else:
            self.path.rename(self.path.with_suffix(".unreadable"))


def finished(folder: Path) -> Iterator[SpoolFile]:
    """Finished files, oldest first, each locked until the next is asked for.

    Raises :class:`LedgerUnavailable` for a file that can't be read or isn't this user's own.
    """
    try:
        for path in sorted(folder.glob("*.jsonl"), key=_age):
            yield from _locked(path)
    except OSError as error:
        raise LedgerUnavailable(
            f"the spool can't be read ({error.strerror})", where=str(folder), remedy=_REMEDY
        ) from None


def _age(path: Path) -> tuple[int, str]:
    """When a file was begun, from its name: several may be written between two ticks of the file system's clock."""
    begun = path.stem.split("-")[1:2]
    return (int(begun[0]) if begun and begun[0].isdecimal() else 0), path.name


def _locked(path: Path) -> Iterator[SpoolFile]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise LedgerUnavailable(
                "isn't this user's own file, so nobody knows who wrote it",
                where=str(path),
                remedy="Look at it, then move it away or change its owner",
            )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if path.exists():
            yield _read(path, file.read(), format_instant(datetime.fromtimestamp(found.st_mtime, UTC)))


def _read(path: Path, data: bytes, written: str) -> SpoolFile:
    entries, whole = [], True
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        where = f"{path.stem}:{number}"
        try:
            entries.append(_read_line(line, where))
        except BadInput as error:
            whole = False
            body = {"reason": error.message, "digest": canonical.digest_bytes(line), "bytes": len(line)}
            entries.append(Spooled(f"{where}:unreadable", written, Entry("spool_unreadable", where, body)))
    return SpoolFile(path, entries, whole)


def _read_line(line: bytes, where: str) -> Spooled:
    if not line.endswith(b"\n"):
        raise BadInput("cut short while it was written, so never acknowledged", where=where)
    fields = canonical.parse(line, where=where, limit=LINE_LIMIT)
    if not isinstance(fields, dict) or set(fields) != _FIELDS or not isinstance(fields["body"], dict):
        raise BadInput("not an entry", where=where)
    if not all(isinstance(fields[name], str) and fields[name] for name in _FIELDS - {"body"}):
        raise BadInput("has a field that is empty or not text", where=where)
    parse_instant(fields["at"], where=where)
    body = {**fields["body"], MARK: {"id": fields["id"], "at": fields["at"]}}
    canonical.encode(body)
    return Spooled(fields["id"], fields["at"], Entry(fields["kind"], fields["subject"], body))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
