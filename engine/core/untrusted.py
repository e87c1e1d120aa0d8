"""Text that somebody else wrote, made harmless before a person, a model or a forge reads it.

A log line can hold anything that a customer typed into a shop. It is data: it may be shown and cited, but it may
not move a cursor, hide behind zero-width or bidirectional characters, mention people, close issues, call bots,
carry links or end its own fence.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TEXT_LIMIT = 2000
LINE_LIMIT = 500

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,20}[ -/]?[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|.)?")
_KEPT = ("\n", "\t")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_HIDDEN_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u034f"
_VARYING = re.compile(r"[\w./:-]*[0-9][\w./:-]*")
_SCHEME = re.compile(r"(?i)\b(https?|ftp|file|mailto|javascript|data|ssh|git)(:)")
_WWW = re.compile(r"(?i)\bwww\.")
_CLOSING = re.compile(r"(?i)\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?|implement(?:s|ed)?)\b(?=[\s:]{1,5}\S{0,80}[#/])")
_TRAILER = re.compile(r"(?im)^([a-z][a-z0-9-]{1,40}-[a-z0-9-]{1,40}|cc):")
_MARKUP = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "`": "'", "[": "(", "]": ")", "!": "\\!", "|": "\\|", "*": "\\*"}
_BREAK = "\u2060"  # a word joiner: invisible, and enough to keep a name from being a mention or a command


def clean(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """The text without control, zero-width, bidirectional and unassigned characters, at most ``limit`` characters.

    Newlines and tabs stay. What is cut off is said, so that a reader knows there was more.
    """
    if len(text) <= min(limit, LINE_LIMIT) and text.isascii() and text.isprintable():
        return text
    head = text[: limit * 4]
    plain = _ANSI.sub("", head.replace("\r\n", "\n").replace("\r", "\n"))
    kept = plain.translate(_SEEN)
    lines = [line if len(line) <= LINE_LIMIT else f"{line[:LINE_LIMIT]}…" for line in kept.split("\n")]
    joined = "\n".join(lines)
    if len(joined) <= limit and len(head) == len(text):
        return joined
    return f"{joined[:limit]}… ({len(text)} characters in all)"


def one_line(text: str, *, limit: int = 200) -> str:
    """The cleaned text on one line, for titles, tables and timelines."""
    flat = " ".join(clean(text, limit=limit * 4).split())
    return flat if len(flat) <= limit else f"{flat[:limit]}…"


@lru_cache(maxsize=1024)
def shape(text: str, name: str = "") -> str:
    """What is left of a text when ``name`` and every word with a digit in it are taken for the same."""
    return _VARYING.sub("#", text.replace(name, "@") if name else text)


def fence(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """The cleaned text in a Markdown fence that it can't end, marked as data that nobody should obey.

    Bots that look for commands, mentions, markers and trailers in the raw text find none either.
    """
    body = _stilled(clean(text, limit=limit))
    longest = max((len(run) for run in re.findall(r"`+|~+", body)), default=0)
    bar = "`" * max(3, longest + 1)
    return f"{bar}text\n{body}\n{bar}"


def inert(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """The cleaned text as Markdown that does nothing on any forge.

    No HTML, links, images, code, mentions, issue references, closing keywords, commit trailers, bot or slash
    commands: what remains is words to read.
    """
    plain = clean(text, limit=limit)
    plain = _SCHEME.sub(lambda found: f"{found[1]}{_BREAK}{found[2]}", plain)
    plain = _WWW.sub(f"www{_BREAK}.", plain)
    plain = _CLOSING.sub(lambda found: f"{found[0][0]}{_BREAK}{found[0][1:]}", plain)
    plain = _TRAILER.sub(lambda found: f"{found[1]}{_BREAK}:", plain)
    plain = "".join(_MARKUP.get(c, c) for c in plain)
    plain = re.sub(r"([@#])(?=\w)", rf"\1{_BREAK}", plain)
    plain = re.sub(r"\bGH-(?=\d)", f"GH{_BREAK}-", plain)
    return "\n".join(_inert_line(line) for line in plain.split("\n"))


def plain(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """The cleaned text for a medium without Markdown, which might still make links and mentions of words."""
    words = _SCHEME.sub(lambda found: f"{found[1]}{_BREAK}{found[2]}", clean(text, limit=limit))
    words = _WWW.sub(f"www{_BREAK}.", words)
    return re.sub(r"([@#])(?=\w)", rf"\1{_BREAK}", words)


def _stilled(plain: str) -> str:
    plain = _CLOSING.sub(lambda found: f"{found[0][0]}{_BREAK}{found[0][1:]}", plain)
    plain = _TRAILER.sub(lambda found: f"{found[1]}{_BREAK}:", plain)
    plain = re.sub(r"@(?=\w)", f"@{_BREAK}", plain.replace("<!--", f"<!{_BREAK}--"))
    return re.sub(r"(?m)^(\s*)(?=/|[-*+] \[)", rf"\1{_BREAK}", plain)


def _inert_line(line: str) -> str:
    """No line starts a block, a command for a bot or a heading."""
    body = line.lstrip()
    if not body:
        return ""
    starts = body[0] in "/#-+=~_>:" or re.match(r"\d{1,9}[.)]", body) is not None
    return f"{_BREAK}{body}" if starts or line != body else body


class _Seen(dict[int, int | None]):
    """What becomes of each character, found out when it is first met; only those of the first plane are remembered."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        becomes = code if character in _KEPT or not _hidden(character) else None
        if code < 0x10000:
            self[code] = becomes
        return becomes


_SEEN = _Seen()


def _hidden(character: str) -> bool:
    if character in _HIDDEN_LETTERS or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in _HIDDEN
