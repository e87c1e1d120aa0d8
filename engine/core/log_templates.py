"""Log templates: what many lines say, as few lines, the rare and the new first.

Lines that differ only in what varies (numbers, ids, times, addresses, quoted words) are one template with a count. Of
those that a baseline had as well, little is to be learnt; what the last minutes say for the first time is what a
responder looks for. The lines are masked by shape alone, so the same text always gives the same templates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MOST_LINES = 200_000
MOST_TEMPLATES = 5_000
LINE_LIMIT = 400
SHOWN = 25
RISE = 5

# Times, ids, addresses and durations are all words with a digit in them.
_QUOTED = re.compile(r'"[^"]{0,200}"')
_VARYING = re.compile(r"[\w./:-]*\d[\w./:-]*")
_DIGIT = re.compile(r"\d")
_GRAVE = re.compile(
    r"(?i)\b(fatal|panic|error|exception|denied|refused|fail(?:ed|ure)?|timeout|out of memory|killed)\b"
)


@dataclass(frozen=True, slots=True)
class Template:
    """Lines of one shape: the first of them as it was written, how many there are, and how many a baseline had."""

    shape: str
    first: str
    count: int
    before: int = 0

    @property
    def is_new(self) -> bool:
        """Whether the baseline had none of it."""
        return self.before == 0

    @property
    def is_risen(self) -> bool:
        """Whether the baseline had it, but far more rarely."""
        return self.before > 0 and self.count >= max(RISE * self.before, self.before + RISE)

    @property
    def is_grave(self) -> bool:
        """Whether it speaks of a failure."""
        return _GRAVE.search(self.first) is not None


def shape_of(line: str) -> str:
    """What is left of a line when everything that varies is masked."""
    line = _QUOTED.sub('"<…>"', line) if '"' in line else line
    return _VARYING.sub("<n>", line) if _DIGIT.search(line) else line


def templates(text: str, baseline: str = "") -> list[Template]:
    """The templates of a text, those first that speak of a failure, are new or far more frequent, and are rare."""
    counted, firsts = _counted(_lines(text))
    known, _ = _counted(_lines(baseline))
    found = [Template(shape, firsts[shape], count, known[shape]) for shape, count in counted.items()]
    return sorted(found, key=_order)


def _order(one: Template) -> tuple[bool, bool, bool, int, str]:
    return not (one.is_grave and (one.is_new or one.is_risen)), not one.is_new, not one.is_risen, one.count, one.shape


def reduced(text: str, baseline: str | None = None, *, most: int = SHOWN) -> str:
    """The text as its templates, one a line with its count; what isn't shown is counted.

    Held against a ``baseline``, each line says too whether it is new or far more frequent; without one nothing is.
    """
    found = templates(text, baseline or "")
    lines = [_told(one, compared=baseline is not None) for one in found[:most]]
    left = sum(one.count for one in found[most:])
    return "\n".join([*lines, f"… and {left} lines of {len(found) - most} more kinds"] if left else lines)


def _told(one: Template, *, compared: bool) -> str:
    said = f"{one.count}x {one.first}" if one.count > 1 else one.first
    if not compared or not (one.is_new or one.is_risen):
        return said
    return f"new: {said}" if one.is_new else f"risen from {one.before}: {said}"


def _lines(text: str) -> Iterable[str]:
    """Distinct lines are masked once; of very many, the newest count."""
    return (line.strip()[:LINE_LIMIT] for line in text.splitlines()[-MOST_LINES:] if line.strip())


def _counted(lines: Iterable[str]) -> tuple[Counter[str], dict[str, str]]:
    counted: Counter[str] = Counter()
    firsts: dict[str, str] = {}
    for line, times in Counter(lines).items():
        shape = shape_of(line)
        if shape not in counted and len(counted) >= MOST_TEMPLATES:
            continue
        firsts.setdefault(shape, line)
        counted[shape] += times
    return counted, firsts
