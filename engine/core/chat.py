"""What people said while it happened, from a chat channel as its chat exports it: Slack's JSON, one file a day.

It helps people to remember, and is nothing besides: no fact is derived of it, it is no evidence that a claim may cite,
and it isn't kept. Secrets that were pasted go before anybody reads it again, and what is left is words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from engine.core import canonical
from engine.core.errors import BadInput
from engine.core.moment import format_instant
from engine.core.redaction import redact_text

LIMIT = 8 * 1_048_576
_REMEDY = "Give one file of the channel's export: a JSON list of messages with ts, user and text"
_COMINGS = ("_join", "_leave")
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True)
class Said:
    """One message: when, by whom, and what; ``reply`` where it answers another in a thread."""

    at: str
    by: str
    text: str
    reply: bool = False


class _Profile(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    display_name: str | None = None
    real_name: str | None = None


class _Message(BaseModel):
    """A message as Slack writes it; a bot has a ``username`` where a person has a profile."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    ts: Annotated[str, StringConstraints(pattern=r"^\d{1,11}\.\d{1,6}$")]
    text: str = ""
    subtype: str = ""
    user: str = ""
    username: str | None = None
    user_profile: _Profile = _Profile()
    thread_ts: str = ""


_LIST = TypeAdapter(list[_Message])


def read_chat(data: bytes, *, where: str) -> list[Said]:
    """The messages of one exported file, 8 MiB at most. Raises :class:`BadInput` that names what is no message."""
    document = canonical.parse(data, where=where, limit=LIMIT)
    if isinstance(document, dict):
        document = document.get("messages")
    try:
        messages = _LIST.validate_python(document, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        raise BadInput(f"{field}: {first['msg']}", where=where, remedy=_REMEDY) from None
    return [_said(one) for one in messages if one.text.strip() and not one.subtype.endswith(_COMINGS)]


def between(said: Iterable[Said], earliest: str, latest: str) -> Sequence[Said]:
    """Each thing that was said from one instant to another, once and in order of time."""
    return sorted({one for one in said if earliest <= one.at <= latest}, key=lambda one: (one.at, one.by, one.text))


def _said(message: _Message) -> Said:
    profile = message.user_profile
    by = profile.display_name or profile.real_name or message.username or message.user or "somebody"
    text = message.text
    for escaped, character in _ESCAPED:
        text = text.replace(escaped, character)
    at = format_instant(datetime.fromtimestamp(int(message.ts.partition(".")[0]), UTC))
    return Said(at, redact_text(by), redact_text(text), reply=message.thread_ts not in ("", message.ts))
