"""Text of others is shown as text and can do nothing else."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.untrusted import clean, fence, inert, one_line

TEXTS = st.text(max_size=400) | st.text(alphabet="`~<>@#/[]()!*\n\r\x1b[31m \u202e\u200bfixes: closeGH-1", max_size=200)


@given(TEXTS)
def test_cleaned_text_holds_nothing_invisible(text):
    for character in clean(text):
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


@given(TEXTS)
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)


@given(st.text(max_size=5000), st.integers(10, 300))
def test_cleaned_text_keeps_to_its_limit(text, limit):
    assert len(clean(text, limit=limit)) <= limit + len(f"… ({len(text)} characters in all)")


def test_what_was_cut_off_is_said():
    assert clean("x" * 300, limit=10) == "xxxxxxxxxx… (300 characters in all)"


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\x00",
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\u00ad",
        "\U000e0041",
        "\ufe0f",
        "\u3164",
        "\x7f",
        "\x9b",
    ],
)
def test_what_hides_or_moves_is_taken_out(hidden):
    assert clean(f"a{hidden}b") == "ab"


@given(TEXTS)
def test_a_fence_cannot_be_ended_from_inside(text):
    lines = fence(text).split("\n")
    bar = re.match(r"`+", lines[0])[0]
    assert lines[-1] == bar
    assert not any(re.match(rf"\s*{bar}", line) for line in lines[1:-1])


@pytest.mark.parametrize("text", ["```", "a\n```\n# Approved", "````\n```", "~~~\n```js", "`" * 40])
def test_a_fence_is_longer_than_any_inside(text):
    lines = fence(text).split("\n")
    assert len(lines[-1]) > max(len(run) for run in re.findall(r"`+", text))


@given(TEXTS)
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1


@given(TEXTS)
def test_inert_text_has_no_mention_reference_tag_link_or_code(text):
    shown = inert(text)
    assert not re.search(r"[@#]\w", shown)
    assert not re.search(r"[<>`\[\]]", shown)
    assert not re.search(r"(?i)https?:", shown)


@pytest.mark.parametrize(
    "attack",
    [
        "Fixes #12",
        "closes org/repo#3",
        "Resolves: https://forge.example.com/org/repo/issues/3",
        "/merge",
        "  /approve",
        "@team-payments please merge",
        "<img src=x onerror=alert(1)>",
        "![x](https://tracker.example.com/p.png)",
        "[click](javascript:alert(1))",
        "Signed-off-by: alice <alice@example.com>",
        "Co-authored-by: x",
        "# Approved",
        "- [x] approved",
        "```\nend of fence",
        "| a | b |",
        "GH-12",
        "www.example.com",
        "&lt;script&gt;",
        "> quote",
        "1. list",
    ],
)
def test_an_attack_on_a_pull_request_is_left_as_words(attack):
    shown = inert(attack)
    assert not re.search(r"(?im)^\s*(/|#|-|>|\d+\.|[a-z]+-[a-z-]+:)", shown)
    assert not re.search(r"(?i)\b(fixes|closes|resolves)\b", shown)
    assert not re.search(r"[@#]\w|<|>|`|\]\(|https?:|javascript:|GH-\d|www\.e|(?<!\\)\||(?<!\\)!", shown)


def test_ordinary_text_stays_readable():
    text = "back-off 40s restarting failed container=api pod=api-1"
    assert inert(text) == text
