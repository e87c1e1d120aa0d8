"""Another process that moves refs, and may be killed on the way. Run as ``python -m`` by the tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.errors import LostRace

AUTHOR, AT = "T <t@example.com>", "2026-11-02T10:00:00Z"


def count_up(repository: ObjectRepository, times: int) -> None:
    """Add one to a number in a file ``times`` times, trying again after each lost race."""
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


def die_at(call: str, repository: ObjectRepository) -> None:
    """Move ``main`` to a new commit and die when ``os.<call>`` is reached for the lock, as if killed there."""
    tip = repository.head("main")
    made = repository.commit(tip, [FileEdit("new", None, b"x")], message="x", author=AUTHOR, at=AT)

    def die(event: str, arguments: tuple[object, ...]) -> None:
        if event == f"os.{call}" and "main.lock" in str(arguments):
            os._exit(9)

    sys.addaudithook(die)
    repository.move("refs/heads/main", tip, made)


if __name__ == "__main__":
    opened = ObjectRepository(Path(sys.argv[2]), wait_seconds=60)
    if sys.argv[1] == "count":
        count_up(opened, int(sys.argv[3]))
    else:
        die_at(sys.argv[1], opened)
