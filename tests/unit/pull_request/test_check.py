"""The check says what the decision says, on the lines that change, and is told apart from one that is forged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.annotations import MOST, annotate
from engine.core.change.model import FileEdit
from engine.core.check_report import CheckReport
from engine.core.pull_request_check import check_of, same, trouble
from tests.unit.pull_request.decided import HEAD, PATH, decision


@pytest.mark.parametrize(
    ("outcome", "mode", "state"),
    [
        ("allow", "enforce", "success"),
        ("allow", "advise", "pending"),
        ("allow", "shadow", "pending"),
        ("require_approval", "enforce", "pending"),
        ("deny", "enforce", "failure"),
        ("deny", "advise", "failure"),
    ],
)
def test_only_an_allow_that_is_meant_is_a_success(outcome: str, mode: str, state: str) -> None:
    assert check_of(decision(outcome=outcome, mode=mode), head=HEAD).state == state


def test_it_begins_with_the_outcome_and_holds_the_whole_tree() -> None:
    report = check_of(decision("four pods"), head=HEAD)
    assert report.title.startswith("Needs approval (tier 2, moderate): 2 of team:four pods")
    assert "approval/owner asks: four pods" in report.text
    assert "approval: 0 of 1 passed" in report.text and "change: 1 of 1 passed" in report.text
    assert "dec-0123456789abcdef" in report.text


def test_changed_lines_carry_the_outcome() -> None:
    edit = FileEdit(PATH, b"a\nb\nc\nd\n", b"a\nB\nC\nd\ne\n")
    notes = check_of(decision(), [edit], head=HEAD).annotations
    assert [(note.path, note.first_line, note.last_line, note.level) for note in notes] == [
        (PATH, 2, 3, "warning"),
        (PATH, 5, 5, "warning"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (None, b"a\nb\n", [(1, 2)]),
        (b"a\nb\n", None, []),
        (b"a\nb\n", b"", []),
        (b"a\nb\nc\n", b"a\nc\n", [(2, 2)]),
        (b"a\nb\n", b"a\n", [(1, 1)]),
        (b"a\n", b"a\n", []),
        (b"\xff\n", b"\xff\nx\n", [(2, 2)]),
    ],
)
def test_what_is_added_removed_or_no_text_has_lines_that_exist(
    before: bytes | None, after: bytes | None, lines: list[tuple[int, int]]
) -> None:
    notes = annotate([FileEdit(PATH, before, after)], "x", "notice")
    assert [(note.first_line, note.last_line) for note in notes] == lines


def test_there_are_no_more_annotations_than_a_forge_takes_at_once() -> None:
    before = b"".join(b"%d\n" % number for number in range(400))
    after = b"".join(b"%d\n" % (number if number % 2 else -number) for number in range(400))
    assert len(annotate([FileEdit(PATH, before, after)], "x", "notice")) == MOST


def test_a_report_that_is_there_already_is_known_again_and_another_isn_t() -> None:
    report = check_of(decision(), head=HEAD)
    again = check_of(decision(decision_id="dec-later", input_digest="sha256:other"), head=HEAD)
    assert same(report, again) and same(replace(report, marker=""), again)
    for changed in (
        None,
        CheckReport("success", report.title),
        replace(report, title="Allowed"),
        replace(report, marker="forged"),
        check_of(decision(), head="b" * 40),
        check_of(decision(action_digest="sha256:other"), head=HEAD),
        check_of(decision(policy={"revision": "r9", "digest": "sha256:other"}), head=HEAD),
    ):
        assert not same(changed, report)


def test_trouble_is_a_failure_that_says_what_to_do() -> None:
    report = trouble("the forge doesn't know the token", "Give it a new one", head=HEAD)
    assert (report.state, report.title) == ("failure", "the forge doesn't know the token")
    assert "Give it a new one" in report.text
