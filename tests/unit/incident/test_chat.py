"""An exported channel is read as its chat wrote it, or not at all; what it holds is words without secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.core.chat import LIMIT, Said, between, read_chat
from engine.core.errors import BadInput

# One message of each sort that an export of a channel has, in Slack's own fields.
EXPORTED: list[dict[str, Any]] = [
    {"type": "message", "subtype": "channel_join", "user": "U1", "text": "<@U1> has joined", "ts": "1763088000.000100"},
    {
        "client_msg_id": "7c1e", "type": "message", "user": "U1", "team": "T1", "ts": "1763089200.000200",
        "text": "payments is down &amp; paging, p99 &gt; 2s",
        "user_profile": {"real_name": "Dana Reyes", "display_name": "dana", "avatar_hash": "x", "is_restricted": False},
        "thread_ts": "1763089200.000200", "reply_count": 1, "blocks": [{"type": "rich_text", "elements": []}],
    },
    {
        "type": "message", "user": "U2", "text": "token=hunter2hunter2 still works", "ts": "1763089260.000300",
        "thread_ts": "1763089200.000200", "user_profile": {"display_name": "", "real_name": "Li"},
    },
    {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "deploys", "text": "v2 is out",
     "ts": "1763088900.000400", "attachments": [{"fallback": "x"}]},
    {"type": "message", "user": "U3", "text": "", "files": [{"id": "F1"}], "ts": "1763089300.000500"},
]  # fmt: skip


def read(document: Any) -> list[Said]:
    return read_chat(json.dumps(document).encode(), where="2025-11-14.json")


def test_people_bots_and_threads_are_told_apart_and_comings_and_files_are_left_out() -> None:
    assert read(EXPORTED) == [
        Said("2025-11-14T03:00:00Z", "dana", "payments is down & paging, p99 > 2s"),
        Said("2025-11-14T03:01:00Z", "Li", "token=[redacted] still works", reply=True),
        Said("2025-11-14T02:55:00Z", "deploys", "v2 is out"),
    ]
    assert read({"ok": True, "messages": EXPORTED, "has_more": False}) == read(EXPORTED)


def test_what_was_said_is_in_order_of_time_once_and_within_the_time_asked_for() -> None:
    said = read(EXPORTED) + read(EXPORTED)
    assert [one.by for one in between(said, "2025-11-14T02:55:00Z", "2025-11-14T03:00:00Z")] == ["deploys", "dana"]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"members": []}, "document"),
        ("words", "document"),
        ([{"user": "U1", "text": "x"}], "0.ts"),
        ([EXPORTED[1], {"ts": "yesterday", "text": "x"}], "1.ts"),
        ([{"ts": "999999999999.1", "text": "x"}], "0.ts"),
        ([{"ts": "1763089260.0003", "text": ["x"]}], "0.text"),
        ([{"ts": "1763089260.0003", "text": "x", "user_profile": []}], "0.user_profile"),
    ],
)
def test_what_is_no_export_is_refused_by_its_first_place_that_is_none(document: Any, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(document)
    assert refused.value.message.startswith(f"{problem}: ")
    assert refused.value.where == "2025-11-14.json"
    assert "export" in refused.value.remedy


def test_an_endless_export_is_refused() -> None:
    with pytest.raises(BadInput, match="over the limit"):
        read_chat(b"[" + b" " * LIMIT + b"]", where="big.json")
