"""The chain must show every change made to it afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.errors import TamperedRecord
from engine.core.record import GENESIS, Entry, Record, link, verify_chain


def chain(length: int) -> list[Record]:
    records: list[Record] = []
    for number in range(1, length + 1):
        previous = records[-1].digest if records else GENESIS
        entry = Entry("decision", f"dec-{number}", {"n": number})
        records.append(link(number, "2026-11-14T03:12:00Z", entry, previous))
    return records


def test_an_untouched_chain_verifies_to_its_tip() -> None:
    records = chain(5)
    assert verify_chain(records) == (5, records[-1].digest)


@pytest.mark.parametrize(
    "change",
    [
        {"body": {"n": 99}},
        {"subject": "other"},
        {"kind": "approval"},
        {"at": "2026-11-14T03:13:00Z"},
        {"sequence": 7},
        {"previous": GENESIS},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_changed_field_breaks_the_chain(change: dict[str, object]) -> None:
    records = chain(5)
    records[2] = replace(records[2], **change)  # type: ignore[arg-type]
    with pytest.raises(TamperedRecord):
        verify_chain(records)


def test_a_record_rewritten_with_a_fresh_digest_breaks_the_next_one() -> None:
    records = chain(5)
    records[2] = link(3, records[2].at, Entry("decision", "dec-3", {"n": 99}), records[1].digest)
    with pytest.raises(TamperedRecord, match="record 4"):
        verify_chain(records)


def test_a_removed_record_breaks_the_chain() -> None:
    records = chain(5)
    del records[2]
    with pytest.raises(TamperedRecord, match="record 4"):
        verify_chain(records)
