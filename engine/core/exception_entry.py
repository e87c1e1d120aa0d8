"""How an exception stands at an instant, so that whoever answers for it hears of its end before it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from engine.core.errors import BadInput
from engine.core.moment import parse_instant, seconds_between

WARN_SECONDS = 7 * 86_400

State = Literal["in force", "ending", "ended", "to come", "unreadable"]


def state_of(entry: Mapping[str, Any], now: str) -> State:
    """Whether an exception is in force at ``now``, and whether it ends within a week.

    Whether it can be honoured at all is for policy to say; one whose times can't be read is ``unreadable`` here.
    """
    try:
        begins, ends = (str(entry[field]) for field in ("granted", "expires"))
        if parse_instant(ends) <= parse_instant(now):
            return "ended"
        if parse_instant(begins) > parse_instant(now):
            return "to come"
        return "ending" if seconds_between(now, ends) <= WARN_SECONDS else "in force"
    except (BadInput, KeyError):
        return "unreadable"
