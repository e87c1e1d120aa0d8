"""Who owns a path, as the repository itself says in CODEOWNERS.

It is read as GitHub reads it, only to ask people for a review; Gitea has a format of its own, in regular expressions,
and asks by itself. Whose approval counts is policy's to say, so a line that can't be read is
passed over here: it would ask one person too few, and permit nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
SIZE_LIMIT = 3_000_000
LINE_LIMIT = 2000
WILDCARDS_LIMIT = 8

_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?")
_UNREADABLE = re.compile(r"[!\[\]]")


@dataclass(frozen=True, slots=True)
class Owned:
    """One line: a pattern and the owners of what it matches, ``login`` or ``organisation/team``; none is nobody."""

    pattern: str
    owners: tuple[str, ...]


def read_owners(data: bytes) -> tuple[Owned, ...]:
    """The lines of a file, in order. Too large a file, and lines that can't be read, own nothing."""
    if len(data) > SIZE_LIMIT:
        return ()
    lines = (_line(line) for line in data.decode("utf-8", "replace").splitlines())
    return tuple(line for line in lines if line is not None)


def owners_of(lines: Sequence[Owned], paths: Iterable[str]) -> tuple[str, ...]:
    """Owners of any of these paths, sorted; of each path the last line that matches it counts alone."""
    found: set[str] = set()
    for path in paths:
        matching = next((line for line in reversed(lines) if _regex(line.pattern).fullmatch(path)), None)
        found.update(matching.owners if matching else ())
    return tuple(sorted(found))


def _line(text: str) -> Owned | None:
    if len(text) > LINE_LIMIT:
        return None
    words = re.split(r"(?<!\\)\s+", re.sub(r"(?:^|(?<=\s))#.*", "", text).strip())
    if not words[0] or _UNREADABLE.search(words[0]) or words[0].count("*") > WILDCARDS_LIMIT:
        return None
    owners = tuple(word[1:] for word in words[1:] if _OWNER.fullmatch(word))
    return None if len(words) > 1 and not owners else Owned(words[0].replace("\\ ", " "), owners)


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern as Git ignores files: anchored when it has a slash before its end; a folder owns what is below it."""
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in body
    parts = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", body)
    words = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = "".join(words.get(part, re.escape(part)) for part in parts)
    below = "/.*" if pattern.endswith("/") else "" if body.endswith("/*") else "(?:/.*)?"
    return re.compile(("" if anchored else "(?:.*/)?") + text + below)
