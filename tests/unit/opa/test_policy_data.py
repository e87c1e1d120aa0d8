"""Policy data is read in one way or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.opa.policy_data import lay_over, read_data, read_data_file
from engine.core.errors import BadInput

AMBIGUOUS = ["no", "Yes", "on", "TRUE", "010", "0o10", "0x1F", "1_000", "1:30", "2026-01-01", ".inf", ".nan", "1e3"]
AMBIGUOUS += ["!!str 5", "!!binary aGk=", "!x y"]
SHIPPED = {"limits": {"pods": 3, "kinds": ["a", "b"], "by": {"prod": 1}}, "people": {}}


def read(text: str, name: str = "mine.yaml") -> dict[str, object]:
    return read_data(text.encode(), name=name).value


def laid(text: str) -> dict[str, object]:
    return lay_over(SHIPPED, read_data(text.encode(), name="mine.yaml"))


def test_plain_values_are_what_json_would_call_them() -> None:
    text = 'a: 1\nb: -2.5\nc: true\nd: null\ne:\nf: word\ng: "1"\nh: [1, two]\ni: {j: k}\n'
    assert read(text) == {
        "a": 1,
        "b": -2.5,
        "c": True,
        "d": None,
        "e": None,
        "f": "word",
        "g": "1",
        "h": [1, "two"],
        "i": {"j": "k"},
    }


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_what_readers_differ_on_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml:2"):
        read(f"fine: 1\nodd: {text}\n")


@pytest.mark.parametrize(
    "text",
    ["a: 1\na: 2", "x: {a: 1, a: 1}", "1: a", "null: a", "[a]: b", "<<: {a: 1}", "base: &b {a: 1}\nmore:\n  <<: *b"],
)
def test_keys_that_are_twice_there_or_not_text_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml:"):
        read(text)


@pytest.mark.parametrize("text", ["- a", "word", "a: [", "a: b: c", "\ta: 1", "a: 1\n---\nb: 2", "\x00"])
def test_what_is_not_one_mapping_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml"):
        read(text)


def test_aliases_cannot_blow_up() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    with pytest.raises(BadInput, match="too much"):
        read(bomb)


def test_an_alias_of_itself_is_refused() -> None:
    with pytest.raises(BadInput):
        read("a: &a\n  b: *a\n")


def test_a_deep_file_is_refused() -> None:
    with pytest.raises(BadInput):
        read("a: " + "[" * 100 + "]" * 100)


def test_json_is_held_to_the_same() -> None:
    assert read('{"a": 1}', "mine.json") == {"a": 1}
    for text in ('{"a": 1, "a": 2}', "[1]", '{"a": NaN}'):
        with pytest.raises(BadInput, match=r"mine\.json"):
            read(text, "mine.json")


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadInput, match="over the limit"):
        read("a: " + "x" * 1_048_576)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        read_data_file(tmp_path / "none.yaml")


def test_an_overlay_adds_and_replaces_and_keeps_the_rest() -> None:
    assert laid("limits: {pods: 9, kinds: [c], by: {test: 2}}\npeople: {alice: {teams: [x]}}") == {
        "limits": {"pods": 9, "kinds": ["c"], "by": {"prod": 1, "test": 2}},
        "people": {"alice": {"teams": ["x"]}},
    }
    assert SHIPPED["limits"]["pods"] == 3


def test_an_empty_overlay_changes_nothing() -> None:
    assert laid("# nothing yet\n") == SHIPPED


def test_an_unknown_topic_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml:2:1: 'limit' is not a topic.*limits, people"):
        laid("people: {}\nlimit: {pods: 9}")


@pytest.mark.parametrize(
    "text", ["limits: 3", "limits: {by: 1}", "limits: {pods: {a: 1}}", "limits: null", "people: []"]
)
def test_an_overlay_that_changes_the_shape_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml:1"):
        laid(text)
