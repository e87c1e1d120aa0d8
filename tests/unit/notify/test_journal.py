"""The journal holds what was told, and says so when it can't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.adapters.notify.journal import JournalNotifier
from engine.core.errors import NotDelivered
from engine.core.message import Message

AT = "2026-11-14T03:14:00Z"


def message(key: str) -> Message:
    return Message(key, "refused", "title", "a\nb", AT)


def test_each_message_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "state" / "notifications.jsonl"
    for key in ("one", "two"):
        JournalNotifier(path).tell(message(key))
    assert [json.loads(line)["key"] for line in path.read_text().splitlines()] == ["one", "two"]


def test_a_disk_that_takes_nothing_leaves_the_message_waiting(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(NotDelivered) as refused:
        JournalNotifier(tmp_path / "state" / "notifications.jsonl").tell(message("one"))
    assert not refused.value.for_good
