"""Other processes that write to the same repository, let go at once, and may be killed on the way."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.errors import LostRace

AUTHOR, AT = "T <t@example.com>", "2026-11-02T10:00:00Z"
DIED, BROKEN = 9, 99


def ended(works: Sequence[Callable[[], int]]) -> list[int]:
    """Do each work in a process of its own, all at once; return what they exited with, ``BROKEN`` for an error."""
    waiting, release = os.pipe()
    children = [_forked(work, waiting, release) for work in works]
    os.close(waiting)
    os.close(release)  # the end of the pipe is what lets them go
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _forked(work: Callable[[], int], waiting: int, release: int) -> int:
    child = os.fork()
    if child == 0:
        code = BROKEN
        try:
            os.close(release)
            os.read(waiting, 1)
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def count_up(path: Path, times: int) -> int:
    """Add one to a number in a file ``times`` times, trying again after each lost race."""
    repository = ObjectRepository(path, wait_seconds=60)
    for _ in range(times):
        while True:
            tip = repository.head("main")
            found = repository.read(tip, "count")
            edit = FileEdit("count", found, b"%d" % (int(found or b"0") + 1))
            made = repository.commit(tip, [edit], message="Count", author=AUTHOR, at=AT)
            try:
                repository.move("refs/heads/main", tip, made)
            except LostRace:
                continue
            break
    return 0


def die_at(path: Path, call: str) -> int:
    """Move ``main`` to a new commit, and die when ``os.<call>`` is reached for the lock, as if killed there."""
    repository = ObjectRepository(path, wait_seconds=60)
    tip = repository.head("main")
    made = repository.commit(tip, [FileEdit("new", None, b"x")], message="x", author=AUTHOR, at=AT)

    def die(event: str, arguments: tuple[object, ...]) -> None:
        if event == f"os.{call}" and "main.lock" in str(arguments):
            os._exit(DIED)

    sys.addaudithook(die)
    repository.move("refs/heads/main", tip, made)
    return 0
