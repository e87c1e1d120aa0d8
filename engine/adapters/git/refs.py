"""Refs, moved only by compare-and-swap, so that two writers can't overwrite each other and a crash leaves no lock.

Git's own protocol is kept: whoever makes ``<ref>.lock`` may replace the ref, so pushes by people and the gate exclude
each other. Git leaves such a lock behind when its process is killed. Here each lock is a second link to a file under
``penstock/claims``, made while an advisory lock is held that the kernel drops with the process. Whoever holds that
next knows a lock with such a twin for a dead process's, and removes it; a lock without a twin is Git's and is waited
for.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from engine.adapters.git.objects import flush, is_full_id, unwritable
from engine.core.errors import BadInput, ForgeRefused, LostRace, RepositoryBusy

_PAUSE_SECONDS = 0.005
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|[/.]$")
_SHAPE = re.compile(r"refs/(?:heads|penstock)/[^-/.\x80-\U0010ffff][\x21-\x7e]{0,200}")


def check_ref(name: str) -> str:
    """The full name of a ref the gate may touch, unchanged.

    Raises :class:`BadInput` unless it is a branch or one of the gate's own refs, and a name Git accepts.
    """
    if _SHAPE.fullmatch(name) is None or _FORBIDDEN.search(name) is not None:
        shown = name.encode("unicode_escape").decode("ascii")
        raise BadInput("not the name of a branch", where=shown[:120], remedy="Use letters, digits, '-', '_' and '/'")
    return name


class RefStore:
    """The refs of one repository, loose and packed, in the folder that holds ``HEAD``."""

    def __init__(self, folder: Path, *, bare: bool, wait_seconds: float) -> None:
        self._folder = folder
        self._bare = bare
        self._wait_seconds = wait_seconds
        self._private = folder / "penstock"
        self._claims = self._private / "claims"
        self._packed_refs: dict[str, str] = {}
        self._packed_stamp = (0, 0, 0)

    def read(self, name: str) -> str | None:
        """The commit a ref points at, or ``None``. Raises :class:`BadInput` when it holds something else."""
        try:
            text = (self._folder / check_ref(name)).read_text("ascii", "replace").strip()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return self._packed().get(name)
        except OSError as error:
            raise BadInput(f"the ref can't be read: {error.strerror}", where=f"{self._folder}/{name}") from None
        if not is_full_id(text):
            raise BadInput("the ref doesn't hold a commit id", where=f"{self._folder}/{name}", remedy="Repair the ref")
        return text

    def below(self, prefix: str) -> dict[str, str]:
        """Refs whose name starts with ``prefix``, which ends in a slash, in order of their names."""
        root = self._folder / prefix
        loose = [str(path.relative_to(self._folder)) for path in root.rglob("*") if path.is_file()]
        names = {name for name in loose if not name.endswith(".lock")}
        names.update(name for name in self._packed() if name.startswith(prefix))
        found = {name: self.read(name) for name in sorted(names)}
        return {name: commit for name, commit in found.items() if commit is not None}

    def move(self, name: str, old: str | None, new: str | None) -> None:
        """Make a ref that is ``old`` be ``new``; ``None`` is for a ref that doesn't exist.

        Raises :class:`LostRace` when it isn't ``old``, :class:`RepositoryBusy` when Git holds its lock,
        and :class:`ForgeRefused` when it is checked out or can't be written; the ref is untouched then.
        """
        check_ref(name)
        try:
            with self._alone("refs"):
                self._remove_dead_claims()
                self._refuse_checked_out(name)
                self._swap(name, old, new)
        except OSError as error:
            raise unwritable(self._folder, error) from None

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the forge's lock, so that its steps over several refs don't interleave with another process's.

        It isn't re-entrant. Raises :class:`RepositoryBusy` on entry when another process doesn't let go of it.
        """
        return self._alone("forge")

    def _swap(self, name: str, old: str | None, new: str | None) -> None:
        target = self._folder / name
        if new is not None:
            self._refuse_nesting(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._claimed(target, f"{new}\n" if new else "") as lock:
            self._require(name, old)
            if new is not None:
                _clear_empty_folders(target)
                lock.replace(target)
                flush(target.parent)
            elif old is not None:
                self._drop_packed(name)
                target.unlink(missing_ok=True)
                flush(target.parent)

    def _require(self, name: str, old: str | None) -> None:
        found = self.read(name)
        if found != old:
            raise LostRace(
                f"it is at {found or 'nothing'}, not at {old or 'nothing'}: somebody else moved it",
                where=name,
                remedy="Look at what is there now, and try again",
            )

    def _drop_packed(self, name: str) -> None:
        """Take a ref out of ``packed-refs`` before its loose file goes, or the old value would come back."""
        path = self._folder / "packed-refs"
        if name not in self._packed():
            return
        kept: list[str] = []
        dropping = False
        for line in path.read_text("utf-8").splitlines(keepends=True):
            dropping = dropping if line.startswith("^") else line.rstrip("\n").endswith(f" {name}")
            if not dropping:
                kept.append(line)
        with self._claimed(path, "".join(kept)) as lock:
            lock.replace(path)

    def _packed(self) -> dict[str, str]:
        """The refs in ``packed-refs``, read again only when the file is another one."""
        path = self._folder / "packed-refs"
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if stamp == self._packed_stamp:
                return self._packed_refs
            lines = path.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return {}
        pairs = (line.split(" ", 1) for line in lines if line[:1] not in ("#", "^", ""))
        self._packed_refs = {pair[1]: pair[0] for pair in pairs if len(pair) == 2 and is_full_id(pair[0])}
        self._packed_stamp = stamp
        return self._packed_refs

    def _refuse_nesting(self, name: str) -> None:
        parts = name.split("/")
        outer = ["/".join(parts[:length]) for length in range(3, len(parts))]
        blocking = next((each for each in outer if self.read(each) is not None), None)
        blocking = blocking or next(iter(self.below(name + "/")), None)
        if blocking is not None:
            raise ForgeRefused(f"the branch {blocking} is in the way", where=name, remedy="Rename or delete it")

    def _refuse_checked_out(self, name: str) -> None:
        """A work tree whose branch moves under it would show the change as undone by its user."""
        heads = [] if self._bare else [self._folder / "HEAD"]
        heads.extend((self._folder / "worktrees").glob("*/HEAD"))
        for head in heads:
            if head.read_text("utf-8", "replace").strip() == f"ref: {name}":
                remedy = "Use a bare repository, or check out another branch there"
                raise ForgeRefused("the branch is checked out in a work tree", where=name, remedy=remedy)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Exclude other processes and threads until the end of the block, or of this process."""
        try:
            self._claims.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._private / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unwritable(self._folder, error) from None
        try:
            self._wait_for(f"{name}.lock", lambda: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB))
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _claimed(self, target: Path, content: str) -> Iterator[Path]:
        """Git's lock on a file, holding what the file is to become; gone afterwards unless it became that."""
        lock = target.with_name(target.name + ".lock")
        claim = self._claims / str(lock.relative_to(self._folder)).replace("%", "%25").replace("/", "%2F")
        with claim.open("x", encoding="utf-8") as file:
            file.write(content)
        flush(claim)
        try:
            self._wait_for(lock.name, lambda: os.link(claim, lock))
            try:
                yield lock
            finally:
                lock.unlink(missing_ok=True)
        finally:
            claim.unlink(missing_ok=True)

    def _remove_dead_claims(self) -> None:
        for claim in self._claims.iterdir():
            lock = self._folder / claim.name.replace("%2F", "/").replace("%25", "%")
            with suppress(FileNotFoundError, NotADirectoryError):
                if lock.samefile(claim):
                    lock.unlink()
            claim.unlink()

    def _wait_for(self, what: str, attempt: Callable[[], None]) -> None:
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                return attempt()
            except (BlockingIOError, FileExistsError):
                if time.monotonic() >= deadline:
                    remedy = "Let the other process finish; if there is none, remove the lock file"
                    raise RepositoryBusy(f"{what} is held", where=str(self._folder), remedy=remedy) from None
                time.sleep(_PAUSE_SECONDS)


def _clear_empty_folders(target: Path) -> None:
    """Git leaves empty folders where refs were; a ref of that name replaces them."""
    if target.is_dir():
        for folder in sorted((path for path in target.rglob("*") if path.is_dir()), reverse=True):
            folder.rmdir()
        target.rmdir()
