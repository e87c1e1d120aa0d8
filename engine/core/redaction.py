"""Secrets are taken out of everything that is kept or shown: record, pull request, prompt, notification and log.

People paste tokens into reasons, and processes print their passwords when they die. What is recorded can't be taken
back, so the secret goes before the record is made. What is known by its shape is found anywhere; what has no shape
is found by the name that it is the value of. Too much taken out costs a reader a word; too little, a credential.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

MARK = "[redacted]"
RANDOM_LENGTH = 20
RANDOM_BITS = 3.5

_SHAPES = (
    r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)"
    r"|hooks\.slack\.com/services/[\w/-]{10,}|(?<![A-Za-z0-9])(?:"
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{16,}"
    r"|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|sk-[\w-]{20,}|hv[sbr]\.[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|penstock_[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)"
)
_SHAPE_HINTS = (
    *("PRIVATE KEY", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "npm_", "pypi-", "xox", "xapp-"),
    *("slack.com", "AKIA", "ASIA", "AIza", "ya29.", "k_live_", "k_test_", "sk-", "hvs.", "hvb.", "hvr.", "SG.", "eyJ"),
    "penstock_",
)
_IN_ADDRESS = r"(?<=://)[^/\s:@]{0,200}:[^/\s]{1,500}@"
_HEADER = r"(?i)\b(bearer|basic)(\s{1,3})[\w.~+/=-]{8,}"
_WORD = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|credentials?|(?:api|access|account|private|signing|encryption)[_-]?key"
)
_WORD_HINTS = ("pass", "pwd", "secret", "token", "credential", "key")
_ASSIGNED = (
    rf"(?i)((?:{_WORD})\\?[\"']?\s{{0,3}}[:=]\s{{0,3}})"
    r"(\\?\"(?:[^\"\\\n]|\\[^\"]){1,4000}|'[^'\n]{1,4000}|(?!\[redacted\])[^\s\"',;&\\]{1,4000})"
)
_NAMED = rf"(?i)(?:{_WORD})$"
_MENTIONED = rf"(?i)(?:{_WORD})"
_NAMES, _SECRET_FIELDS = ("key", "name", "flag"), ("data", "stringData")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compiled when first needed: most short commands meet nothing that looks like a secret."""
    return re.compile(text)


def redact_text(text: str) -> str:
    """The text with each secret replaced by ``[redacted]``; applying it twice changes nothing more."""
    if any(hint in text for hint in _SHAPE_HINTS):
        text = _pattern(_SHAPES).sub(MARK, text)
    if "://" in text:
        text = _pattern(_IN_ADDRESS).sub(f"{MARK}@", text)
    lowered = text.lower()
    if "bearer" in lowered or "basic" in lowered:
        text = _pattern(_HEADER).sub(rf"\1\2{MARK}", text)
    if any(hint in lowered for hint in _WORD_HINTS):
        text = _pattern(_ASSIGNED).sub(_assigned, text)
    return text


def may_hold_secret(text: str) -> bool:
    """Whether a text, or a document written as JSON, is worth looking through; false is certain."""
    lowered = text.lower()
    if "://" in text or any(hint in lowered for hint in ("bearer", "basic", *_WORD_HINTS)):
        return True
    return any(hint in text for hint in _SHAPE_HINTS)


def redact(value: Any, name: str = "") -> Any:
    """A JSON value without its secrets, the same object where it holds none; ``name`` is the key it stands under."""
    if isinstance(value, str):
        return MARK if value and holds_secret(name, value) else redact_text(value)
    if isinstance(value, Mapping):
        return _redact_mapping(value)
    if isinstance(value, list | tuple):
        found = [redact(item, name) for item in value]
        return value if all(a is b for a, b in zip(found, value, strict=True)) else found
    return value


def holds_secret(name: str, value: str) -> bool:
    """Whether a value is one because of what it is called, or holds one because of how it looks.

    A name that ends in ``password``, ``token``, ``secret`` and the like makes any value a secret; one that only
    mentions them, a value that looks random.
    """
    if _says_secret(name) and (_pattern(_NAMED).search(name) or (_pattern(_MENTIONED).search(name) and _random(value))):
        return True
    return redact_text(value) != value


def _says_secret(name: str) -> bool:
    lowered = name.lower()
    return any(hint in lowered for hint in _WORD_HINTS)


def carries_secret(value: Any) -> bool:
    """Whether anything in a JSON value is a secret."""
    return bool(redact(value) != value)


def _redact_mapping(value: Mapping[str, Any]) -> Mapping[str, Any]:
    called = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
    sealed = _SECRET_FIELDS if value.get("kind") == "Secret" else ()
    found = {
        key: _sealed(item) if key in sealed else redact(item, called if key == "value" and called else key)
        for key, item in value.items()
    }
    return value if all(found[key] is value[key] for key in value) else found


def _sealed(value: Any) -> Any:
    """A Secret's data: its names stay."""
    return dict.fromkeys(value, MARK) if isinstance(value, Mapping) else MARK


def _assigned(found: re.Match[str]) -> str:
    said = found[2]
    quote = "".join(c for c in said[:2] if c in "\\\"'") if said[0] in "\\\"'" else ""
    return found[0] if said[len(quote) :].startswith(MARK) else f"{found[1]}{quote}{MARK}"


def _random(value: str) -> bool:
    """Whether a value is long and without pattern, as generated ones are."""
    if len(value) < RANDOM_LENGTH or any(c.isspace() for c in value):
        return False
    total = len(value)
    bits = -sum(n / total * math.log2(n / total) for n in Counter(value).values())
    return bits >= RANDOM_BITS and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
