"""Time as an argument: instants, and the local clock of each configured zone, derived once and handed on.

Policy can't read a clock, so whatever it needs to know of time has to be in the input document.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.core.errors import BadInput

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def parse_instant(text: str, *, where: str = "time") -> datetime:
    """An RFC 3339 timestamp with an offset, as an aware datetime in UTC."""
    try:
        value = datetime.fromisoformat(text)
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except ValueError:
        pass
    remedy = "Write it like 2026-11-14T03:12:00Z"
    raise BadInput(f"{text!r} is not an RFC 3339 time with an offset", where=where, remedy=remedy)


def format_instant(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds and a ``Z``, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shift(instant: str, seconds: int) -> str:
    """The instant ``seconds`` later, in the same form."""
    return format_instant(parse_instant(instant) + timedelta(seconds=seconds))


def seconds_between(earlier: str, later: str) -> int:
    """Whole seconds from one instant to another, negative when they are the other way round."""
    return int((parse_instant(later) - parse_instant(earlier)).total_seconds())


def local_clock(moment: datetime, zone: str) -> dict[str, str | int]:
    """Date, weekday and minute of the day of ``moment`` in an IANA zone."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"unknown time zone {zone!r}", where="calendar zones", remedy="Use an IANA name") from None
    return {
        "date": local.strftime("%Y-%m-%d"),
        "weekday": WEEKDAYS[local.weekday()],
        "minute": local.hour * 60 + local.minute,
    }


def time_facts(moment: datetime, zones: Iterable[str]) -> dict[str, object]:
    """The ``time`` section of the input document: instant, seconds since 1970, local clock of each zone."""
    return {
        "instant": format_instant(moment),
        "epoch": int(moment.timestamp()),
        "zones": {zone: local_clock(moment, zone) for zone in sorted(set(zones))},
    }
