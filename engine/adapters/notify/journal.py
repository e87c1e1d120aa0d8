"""Notifications in a file, one JSON line each: what is told when no chat or pager is set up.

Where nobody configured a channel, silence would be the worst answer to an automatic fix; a file can be tailed,
shipped and read later.
"""

from __future__ import annotations

import sys
from pathlib import Path

import orjson


class JournalNotifier:
    """Appends each message to a file that only the user may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tell(self, event: str, title: str, text: str, *, links: dict[str, str], at: str) -> None:
        """Append one message; the folder is made when it isn't there.

        What can't be written goes to stderr: the step it tells of is done, and telling must not undo it.
        """
        line = orjson.dumps({"at": at, "event": event, "title": title, "text": text, "links": links})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(line + b"\n")
        except OSError as error:
            sys.stderr.write(f"penstock: can't write {self._path} ({error.strerror}): {line.decode()}\n")
