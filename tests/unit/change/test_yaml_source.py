"""YAML is read as Kubernetes reads it, and what two parsers could read differently is refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.change.yaml_source import compose, objects, plain_value, read
from engine.core.errors import BadInput


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0644", 420),
        ("0o17", 15),
        ("0x1F", 31),
        ("089", 89.0),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("-5", -5),
        ("on", True),
        ("NO", False),
        ("y", True),
        ("~", None),
        ("", None),
        ("1:30", "1:30"),
        ("2026-11-14", "2026-11-14"),
        ("2.8.3", "2.8.3"),
        ("12e", "12e"),
        ("tRue", "tRue"),
    ],
)
def test_a_plain_scalar_means_what_kubernetes_takes_it_for(text: str, value: Any) -> None:
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


def test_quoted_scalars_stay_text() -> None:
    assert read(b"a: 'on'\nb: \"0644\"\nc: !!str 5\n", "f") == [{"a": "on", "b": "0644", "c": "5"}]


def test_reading_and_composing_give_the_same_documents() -> None:
    text = "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 0644 # z\n---\n# nothing\n---\nk: |\n  v\n"
    assert [d.value for d in compose(text, "f")] == read(text.encode(), "f")
    assert read(text.encode(), "f")[0]["d"] == {"b": 1, "e": 420}


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (b"a: 1\nb: 2\na: 3\n", "f.yaml:3", "duplicate key 'a'"),
        (b"x:\n  a: 1\n  a: 1\n", "f.yaml:3", "duplicate key 'a'"),
        (b"a: [1\nb: 2\n", "f.yaml:2", "not valid YAML"),
        (b"a: !!python/object:os.system x\n", "f.yaml:1", "isn't taken"),
        (b"a: &a [*a]\n", "f.yaml:1", "too large or too deep"),
        (b"? [a]\n: 1\n", "f.yaml:1", "a key that isn't a scalar"),
        (b"\xff\n", "f.yaml", "not UTF-8"),
    ],
)
def test_what_is_ambiguous_or_broken_is_refused_with_file_and_line(text: bytes, line: str, word: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(text, "f.yaml")
    assert refusal.value.where == line
    assert word in refusal.value.message


def test_aliases_of_aliases_cannot_grow_without_end() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(BadInput, match="too large"):
        read("\n".join(layers).encode(), "f")


def test_a_list_is_unfolded_into_its_objects() -> None:
    item = {"kind": "ConfigMap", "metadata": {"name": "a"}}
    assert objects([{"kind": "List", "items": [item, item]}], "f") == [item, item]


def test_a_document_that_is_no_object_is_refused() -> None:
    with pytest.raises(BadInput, match="not a Kubernetes object"):
        objects([{"hello": "world"}], "f")
