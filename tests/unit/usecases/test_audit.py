"""A verification says what holds, what doesn't and where, from the records alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from engine.core.errors import BadInput
from engine.core.record import GENESIS, Entry, Record, link
from engine.usecases.audit import (
    Anchor,
    anchors_in,
    export_line,
    read_anchor,
    read_export,
    verify,
)

AT = "2026-11-14T03:12:00Z"


def chain(length: int) -> list[Record]:
    records: list[Record] = []
    for number in range(1, length + 1):
        previous = records[-1].digest if records else GENESIS
        records.append(link(number, AT, Entry("decision", f"dec-{number}", {"n": number, "t": "ü"}), previous))
    return records


def anchor(record: Record, source: str = "c0ffee") -> Anchor:
    return Anchor(record.sequence, record.digest, source)


def test_an_untouched_record_holds_to_its_tip() -> None:
    records = chain(5)
    found = verify(iter(records), [anchor(records[1]), anchor(records[4]), Anchor(0, GENESIS)])
    assert found.holds
    assert (found.count, found.tip) == (5, records[-1].digest)
    assert len(found.matched) == 3
    assert found.sentence == f"the record holds: 5 records, 3 anchored in Git, tip 5:{records[-1].digest}"


def test_an_empty_record_is_not_said_to_hold() -> None:
    found = verify([])
    assert not found.holds
    assert "empty" in found.sentence


def test_the_first_broken_record_is_named_and_the_part_before_it_counted() -> None:
    records = chain(5)
    records[2] = replace(records[2], body={"n": 99})
    found = verify(records, [anchor(records[1]), anchor(records[4])])
    assert not found.holds
    assert (found.count, found.tip) == (2, records[1].digest)
    assert found.broken is not None
    assert found.broken.position == 3
    assert found.matched == (anchor(records[1]),)
    assert found.missing == (anchor(records[4]),)
    assert "broken at record 3" in found.sentence


def test_a_body_beyond_json_is_a_broken_record_and_no_crash() -> None:
    records = chain(2)
    records[1] = replace(records[1], body={"n": float("inf")})
    found = verify(records)
    assert found.broken is not None
    assert found.broken.position == 2


def test_a_record_written_anew_contradicts_the_tips_in_git() -> None:
    old, new = chain(3), [link(1, AT, Entry("decision", "dec-1", {"n": 0}), GENESIS)]
    found = verify(new, [anchor(old[0])])
    assert not found.holds
    assert found.contradicted == (anchor(old[0]),)
    assert "was rewritten" in found.sentence


def test_a_tail_cut_off_misses_the_tips_in_git() -> None:
    records = chain(5)
    found = verify(records[:3], [anchor(records[4])])
    assert not found.holds
    assert found.missing == (anchor(records[4]),)
    assert "ends too early" in found.sentence


def test_an_export_read_back_is_the_record() -> None:
    records = chain(3)
    lines = [export_line(record) for record in records]
    assert list(read_export(lines, where="record.jsonl")) == records
    assert verify(read_export(lines, where="record.jsonl")).holds


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda line: b"nonsense\n", "JSON"),
        (lambda line: b"\n", "JSON"),
        (lambda line: line[:-20], "JSON"),
        (lambda line: b"[]\n", "not a record"),
        (lambda line: line.replace(b'"kind"', b'"sort"'), "not a record"),
        (lambda line: line.replace(b"{", b'{"extra":1,', 1), "not a record"),
        (lambda line: line.replace(b'"kind":', b'"kind":"x","kind":'), "duplicate"),
        (lambda line: line.replace(b'"sequence":2', b'"sequence":"2"'), "sequence"),
        (lambda line: line.replace(b'"sequence":2', b'"sequence":true'), "sequence"),
    ],
)
def test_a_line_that_is_no_record_is_named(change: Any, what: str) -> None:
    lines = [export_line(record) for record in chain(3)]
    lines[1] = change(lines[1])
    with pytest.raises(BadInput, match=what) as refused:
        list(read_export(lines, where="record.jsonl"))
    assert refused.value.where == "record.jsonl:2"


@pytest.mark.parametrize(
    "text", ["", "5", "sha256:" + "a" * 64, "05:sha256:" + "a" * 64, "5:sha256:" + "A" * 64, "5:sha256:" + "a" * 63]
)
def test_a_trailer_that_names_no_tip_is_refused_with_its_commit(text: str) -> None:
    with pytest.raises(BadInput, match="c0ffee"):
        read_anchor(text, source="c0ffee")


@dataclass(frozen=True)
class _Commit:
    id: str
    author: str = "penstock"
    at: str = AT
    subject: str = "Merge"
    trailers: dict[str, str] = field(default_factory=dict)


class _History:
    """A repository of which only the history is asked."""

    def __init__(self, *commits: _Commit) -> None:
        self._commits = commits

    def head(self, branch: str) -> str:
        assert branch == "main"
        return self._commits[0].id

    def history(self, commit: str, path: str, limit: int) -> Sequence[_Commit]:
        assert (commit, path) == (self._commits[0].id, "")
        return self._commits[:limit]


def test_anchors_are_the_tips_that_commits_of_the_branch_carry() -> None:
    record = chain(1)[0]
    trailers = {"Penstock-Record-Tip": f"1:{record.digest}", "Penstock-Decision": "dec-1"}
    repository: Any = _History(_Commit("b" * 40, trailers=trailers), _Commit("a" * 40))
    assert anchors_in(repository, "main") == [Anchor(1, record.digest, "b" * 40)]
