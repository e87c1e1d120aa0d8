"""One strict reading and one canonical writing of JSON, so that a digest means one thing everywhere.

Lenient parsers differ on duplicate keys, NaN and trailing bytes; an attacker who knows how they differ can
show the gate one document and the evaluator another. Everything from outside is read here once, and
everything the evaluators and the record see is written here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NoReturn

import orjson
import rfc8785

from engine.core.errors import BadInput

Json = Any

MAX_DEPTH = 64

_PLAIN = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"duplicate key {key!r}")
        found[key] = value
    return found


def parse(text: bytes, *, where: str, limit: int = 1_048_576) -> Json:
    """Read one JSON document of at most ``limit`` bytes.

    Raises :class:`BadInput` for anything two parsers could read differently: duplicate keys, NaN and
    infinities, invalid UTF-8, a byte-order mark, trailing content, or nesting beyond ``MAX_DEPTH``.
    """
    if len(text) > limit:
        raise BadInput(f"{len(text)} bytes is over the limit of {limit}", where=where, remedy="Send less")
    try:
        orjson.loads(text)  # refuses what the standard library lets through: NaN, lone surrogates, 1e400
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"not valid JSON: {error}", where=where, remedy="Correct the document") from None
    if _depth(value) > MAX_DEPTH:
        raise BadInput(f"nested deeper than {MAX_DEPTH}", where=where, remedy="Flatten the document")
    return value


def _depth(value: Json) -> int:
    """The number of lists and maps around the innermost value, and one for the value itself.

    Only lists and maps are looked into: most of a large document is neither, and this runs on every document.
    """
    level, layer = 1, [value]
    while layer and level <= MAX_DEPTH:
        held = [child for node in layer for child in _children(node)]
        level += bool(held)
        layer = [child for child in held if type(child) is dict or type(child) is list]
    return level


def _children(node: Json) -> Iterable[Json]:
    return node.values() if type(node) is dict else node if type(node) is list else ()


def encode(value: Json) -> bytes:
    """RFC 8785 canonical bytes of a JSON value. Raises :class:`BadInput` for what JSON can't carry exactly."""
    quick = _encode_plain(value)
    if quick is not None:
        return quick
    try:
        return bytes(rfc8785.dumps(value))
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise BadInput(f"not canonical JSON: {error}", where="document") from None


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text} isn't written the same by everybody")


def _exact_integer(text: str) -> int:
    return int(text) if len(text) < 16 else _refuse_number(text)


def _encode_plain(value: Json) -> bytes | None:
    """The same bytes several times faster, where both ways are known to agree; ``None`` for anything else.

    They agree on ASCII text and small integers. Reading back what was written proves that nothing else was there:
    no fraction, no large number, and nothing that turned into JSON on the way.
    """
    try:
        written = orjson.dumps(value, option=_PLAIN)
        if not written.isascii():
            return None
        read = json.loads(written, parse_float=_refuse_number, parse_int=_exact_integer)
    except (TypeError, ValueError, RecursionError):
        return None
    return written if read == value else None


def digest(value: Json) -> str:
    """``sha256:`` and the hex digest of the canonical bytes of a JSON value."""
    return digest_bytes(encode(value))


def digest_bytes(data: bytes) -> str:
    """``sha256:`` and the hex digest of raw bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
