"""Notifications in a file, one JSON line each: what is told when no chat or pager is set up.

Where nobody configured a channel, silence would be the worst answer to an automatic fix; a file can be tailed,
shipped and read later.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import orjson

from engine.core.errors import NotDelivered
from engine.core.message import Message


class JournalNotifier:
    """Appends each message to a file."""

    name = "journal"

    def __init__(self, path: Path) -> None:
        self._path = path

    def tell(self, message: Message) -> None:
        """Append one message; the folder is made when it isn't there. Raises :class:`NotDelivered`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(orjson.dumps(asdict(message)) + b"\n")
        except OSError as error:
            raise NotDelivered(f"can't write it ({error.strerror})", where=str(self._path)) from None
