"""Many lines become few: what varies is masked, and what is new and grave comes first."""

from __future__ import annotations

from engine.core.log_templates import MOST_TEMPLATES, reduced, shape_of, templates

BEFORE = "\n".join(
    f"2026-11-14T02:00:{n % 60:02}Z served id={n:032x} in {n} ms for 10.0.0.{n % 250}" for n in range(900)
)


def test_lines_that_differ_in_what_varies_are_one_template() -> None:
    (found,) = templates(BEFORE)
    assert (found.count, found.first) == (900, BEFORE.splitlines()[0])


def test_words_are_never_masked_away() -> None:
    assert shape_of("connection refused by db") != shape_of("connection reset by db")
    assert shape_of('said "a"') == shape_of('said "b"')


def test_what_is_new_and_grave_comes_first_and_is_not_counted_away() -> None:
    now = f"{BEFORE}\nwarming up\nfatal: relation orders has no column currency\n"
    found = templates(now, BEFORE)
    assert [one.first for one in found] == [
        "fatal: relation orders has no column currency", "warming up", BEFORE.splitlines()[0],
    ]  # fmt: skip
    assert [one.before for one in found] == [0, 0, 900]
    assert reduced(now, BEFORE).splitlines() == [
        "new: fatal: relation orders has no column currency", "new: warming up", f"900x {BEFORE.splitlines()[0]}",
    ]  # fmt: skip


def test_what_became_far_more_frequent_is_told_and_what_did_a_little_is_not() -> None:
    before = "served page\n" * 20 + "retry of db failed\n" * 2 + "cache miss\n" * 8
    now = "served page\n" * 60 + "retry of db failed\n" * 30 + "cache miss\n" * 12
    assert reduced(now, before).splitlines() == [
        "risen from 2: 30x retry of db failed",
        "12x cache miss",
        "60x served page",
    ]
    assert reduced("cache miss\n" * 5, "cache miss\n") == "5x cache miss"


def test_without_a_baseline_nothing_is_called_new_and_with_an_empty_one_everything_is() -> None:
    assert reduced("it broke") == "it broke"
    assert reduced("it broke", "") == "new: it broke"


def test_what_is_not_shown_is_counted() -> None:
    text = "\n".join(f"kind {chr(97 + n % 26)}{chr(97 + n // 26)} happened" for n in range(40))
    lines = reduced(text, most=5).splitlines()
    assert (len(lines), lines[-1]) == (6, "… and 35 lines of 35 more kinds")


def test_a_program_that_never_repeats_itself_is_bounded() -> None:
    words = ["".join(chr(97 + n // 26**k % 26) for k in range(4)) for n in range(MOST_TEMPLATES + 500)]
    assert len(templates("\n".join(words))) == MOST_TEMPLATES
    assert reduced("") == ""
