"""Telling people never undoes what they are told of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.adapters.notify.journal import JournalNotifier

AT = "2026-11-14T03:14:00Z"


def test_each_message_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "state" / "notifications.jsonl"
    for event in ("automatic_fix", "refused"):
        JournalNotifier(path).tell(event, "title", "a\nb", links={}, at=AT)
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["automatic_fix", "refused"]


def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    JournalNotifier(tmp_path / "state" / "notifications.jsonl").tell("refused", "title", "text", links={}, at=AT)
    assert "refused" in capsys.readouterr().err
