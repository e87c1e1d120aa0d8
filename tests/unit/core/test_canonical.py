"""One document must mean one thing to every reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core import canonical
from engine.core.errors import BadInput

AMBIGUOUS = {
    "a duplicate key": b'{"tier": 3, "tier": 0}',
    "a duplicate key deep inside": b'{"a": [{"b": 1, "b": 2}]}',
    "NaN": b'{"n": NaN}',
    "an infinity": b'{"n": Infinity}',
    "a number beyond floats": b'{"n": 1e400}',
    "invalid UTF-8": b'{"n": "\xff"}',
    "a lone surrogate": b'{"n": "\\ud800"}',
    "a byte-order mark": b"\xef\xbb\xbf{}",
    "a second document": b"{} {}",
    "a trailing comma": b'{"a": 1,}',
    "nothing": b"",
    "nesting without end": b"[" * 2000 + b"]" * 2000,
}


@pytest.mark.parametrize("text", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_what_two_parsers_could_read_differently_is_refused(text: bytes) -> None:
    with pytest.raises(BadInput) as refusal:
        canonical.parse(text, where="proposal.json")
    assert "proposal.json" in str(refusal.value)


def test_a_document_over_the_limit_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(BadInput, match="over the limit of 10"):
        canonical.parse(b"[1,1,1,1,1,1,1]", where="body", limit=10)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_what_is_written_reads_back_the_same(value: canonical.Json) -> None:
    assert canonical.parse(canonical.encode(value), where="round trip") == value


def test_the_digest_doesn_t_depend_on_the_order_of_keys() -> None:
    assert canonical.digest({"a": 1, "b": 2}) == canonical.digest({"b": 2, "a": 1})
