"""Time is an argument, and its local reading is derived once."""

from __future__ import annotations

import pytest

from engine.core.errors import BadInput
from engine.core.moment import format_instant, parse_instant, seconds_between, shift, time_facts


def test_an_instant_is_the_same_whatever_offset_it_was_written_with() -> None:
    assert format_instant(parse_instant("2026-11-14T04:12:00+01:00")) == "2026-11-14T03:12:00Z"


@pytest.mark.parametrize("text", ["2026-11-14T03:12:00", "yesterday", "", "2026-13-01T00:00:00Z"])
def test_a_time_without_an_offset_or_sense_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="RFC 3339"):
        parse_instant(text)


def test_each_zone_reads_its_own_clock() -> None:
    facts = time_facts(parse_instant("2026-11-13T23:30:00Z"), ["Europe/Berlin", "UTC"])
    assert facts["zones"] == {
        "Europe/Berlin": {"date": "2026-11-14", "weekday": "saturday", "minute": 30},
        "UTC": {"date": "2026-11-13", "weekday": "friday", "minute": 1410},
    }


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInput, match="unknown time zone"):
        time_facts(parse_instant("2026-11-13T23:30:00Z"), ["Europe/Atlantis"])


def test_shifting_and_measuring_agree() -> None:
    later = shift("2026-11-14T03:12:00Z", 3700)
    assert seconds_between("2026-11-14T03:12:00Z", later) == 3700
