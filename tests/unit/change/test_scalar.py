"""What is written is read back as the same value by each parser on its way."""

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.core.change.scalar import block, inline, scalar
from engine.core.change.yaml_source import read

TRICKY = [
    *(
        "0644",
        "on",
        "off",
        "yes",
        "No",
        "y",
        "n",
        "1:30",
        "1:30:00",
        "2026-11-14",
        "2026-11-14T03:12:00Z",
        "1e3",
        "089",
    ),
    *("0x1F", "0o17", "~", "null", "", " a", "a ", "a: b", "a #b", "#a", "- a", "-", "?", "*a", "&a", "!a", "%a", "@a"),
    *("`a", "{a}", "[a]", "a,b", "'", '"', "a'b", 'a"b', "\\n", "a\nb", "a\tb", "é", "\U0001f600", "=", "<<", ".inf"),
    *("\n\U00016e40", "\u2028", "\x85", "\U0001f600\x7f"),
    *("+5", "-5", ".5", "5.", "1_000", "2.8.3", "12e03", "256Mi", "250m", "25%", "http://x:8080/y?z=1#f", "a:b", "::"),
]


def parsers(text: str) -> list[Any]:
    newer = YAML(typ="safe", pure=True)
    return [read(text.encode(), "f")[0], yaml.safe_load(text), newer.load(io.StringIO(text))]


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize("value", TRICKY)
def test_text_stays_text_for_every_parser(value: str, quote: str) -> None:
    assert parsers(f"k: {scalar(value, quote=quote)}\n") == [{"k": value}] * 3
    assert parsers(f"k: {{v: {scalar(value, quote=quote, flow=True)}}}\n") == [{"k": {"v": value}}] * 3


@given(st.text(max_size=40).filter(lambda t: all(c.isprintable() or c in "\n\t" for c in t)))
def test_any_printable_text_stays_text(value: str) -> None:
    assert parsers(f"k: {scalar(value)}\nl: [{scalar(value, flow=True)}]\n") == [{"k": value, "l": [value]}] * 3


@pytest.mark.parametrize("value", [True, False, 0, 7, -3, 2.5, None])
def test_other_scalars_keep_their_type(value: Any) -> None:
    for read_back in parsers(f"k: {scalar(value)}\n"):
        assert read_back == {"k": value}
        assert type(read_back["k"]) is type(value)


def test_ordinary_words_are_not_quoted() -> None:
    for word in ("registry.example.com/payments/api:2.9.0", "256Mi", "kubectl.kubernetes.io/restartedAt", "warn"):
        assert scalar(word) == word


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.sampled_from(TRICKY)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*TRICKY, "a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values, st.sampled_from([0, 2]))
def test_structures_are_read_back_as_they_were(value: Any, dash_indent: int) -> None:
    text = f"k: {inline(value)}\nl:\n  - {block(value, 4, dash_indent=dash_indent)}\n"
    assert read(text.encode(), "f") == [{"k": value, "l": [value]}]
