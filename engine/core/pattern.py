"""Patterns a runbook may search a message with: a subset of regular expressions that can't run away.

Messages are written by whoever can make an application log. A pattern with nested quantifiers and a message made
for it would hold up the gate for hours, so a pattern's worst case is bounded before it is ever used.
"""

from __future__ import annotations

import re

MESSAGE_LIMIT = 2000
_STEPS_LIMIT = 10_000
_QUANTIFIER = re.compile(r"[*+?]|\{(\d{0,3})(,?)(\d{0,3})\}")
_ATOM = re.compile(r"\\[^0-9]|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|\(\?i\)|[()|^$.]|[^\\\[(*+?{}]", re.DOTALL)


def compile_pattern(text: str) -> re.Pattern[str]:
    """The compiled pattern. Raises ``ValueError`` for one that isn't valid or whose worst case is too long.

    Allowed are literals, classes, groups without repetition, alternatives, anchors, and quantifiers whose
    maxima (2000 for ``*`` and ``+``) multiply to at most 10,000. Look-around and back-references are not.
    """
    steps, at, previous = 1, 0, ""
    while at < len(text):
        quantifier = _QUANTIFIER.match(text, at) if previous else None
        if quantifier:
            steps *= _repetitions(quantifier, after=previous)
            at, previous = quantifier.end(), ""
            continue
        atom = _ATOM.match(text, at)
        if atom is None:
            raise ValueError(f"the pattern {text!r} uses {text[at : at + 3]!r}, which is not allowed at {at}")
        at, previous = atom.end(), atom[0] if atom[0] not in ("(", "(?:", "(?i)", "|", "^") else ""
    if steps > _STEPS_LIMIT:
        raise ValueError(f"the pattern {text!r} could take {steps} steps for each character; bound its quantifiers")
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"the pattern {text!r} is not valid: {error}") from None


def _repetitions(quantifier: re.Match[str], *, after: str) -> int:
    if quantifier[0] == "?":
        return 2
    if after == ")":
        raise ValueError(f"a group is repeated with {quantifier[0]!r}; repetition of groups can run away")
    if quantifier[0] in "*+":
        return MESSAGE_LIMIT
    low, comma, high = quantifier.groups()
    if comma and not high:
        return MESSAGE_LIMIT
    return max(int(high or low or 1), 1)
