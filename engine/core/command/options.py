"""Options as the clients' own libraries read them, from a closed list.

An option that isn't on the list is refused: without knowing whether it takes a value, nobody can say which of the
following words is an object's name. So ``--`` and abbreviations, clusters of short options and ``--flag=false`` are
read exactly as the client would read them, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from engine.core.command.refusal import CommandRefused

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "t": True, "T": True, "1": True}
_BOOLEANS |= {"false": False, "False": False, "FALSE": False, "f": False, "F": False, "0": False}


@dataclass
class Given:
    """What was given: plain words in order, and options by their long name."""

    words: list[str] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """The value of an option that makes sense once. Raises :class:`CommandRefused` when it was given twice."""
        values = self.options.get(name, [])
        if len(values) > 1:
            raise CommandRefused("repeated_option", "was given more than once", where=f"--{name}")
        return values[0] if values else default

    def flag(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.one(name, "false") == "true"

    def all(self, name: str) -> list[str]:
        """Every value of an option that may be repeated."""
        return self.options.get(name, [])


@lru_cache(maxsize=512)
def grammar(spec: str) -> Mapping[str, tuple[str, str]]:
    """Names to (long name, arity) from ``n|namespace= A|all dry-run?``.

    ``=`` takes a value, ``?`` takes one only behind an equals sign, neither is a switch.
    """
    found: dict[str, tuple[str, str]] = {}
    for entry in spec.split():
        arity = entry[-1] if entry[-1] in "=?" else ""
        names = entry.rstrip("=?").split("|")
        found.update(dict.fromkeys(names, (names[-1], arity)))
    return found


def read_options(words: Sequence[str], spec: str, refused: Mapping[str, str], *, until_word: bool = False) -> Given:
    """Words and options. ``refused`` maps options to the reason they are refused for.

    With ``until_word`` reading stops at the first plain word, and that word and everything behind it is left as it is.
    """
    given, rest, known = Given(), list(words), grammar(spec)
    while rest:
        word = rest.pop(0)
        if word == "--" and not until_word:
            given.words.extend(rest)
            break
        if not word.startswith("-") or word in ("-", "--"):
            given.words.append(word)
            if until_word:
                given.words.extend(rest)
                break
        elif word.startswith("--"):
            _long(word, rest, known, refused, given)
        else:
            _short(word, rest, known, refused, given)
    return given


def _long(
    word: str, rest: list[str], known: Mapping[str, tuple[str, str]], refused: Mapping[str, str], given: Given
) -> None:
    name, equals, value = word[2:].partition("=")
    if len(name) < 2 or name not in known:
        raise _unknown(name, f"--{name}", refused)
    long, arity = known[name]
    if not equals:
        value = _next(rest, word) if arity == "=" else "true"
    elif arity == "":
        value = _boolean(value, word)
    given.options.setdefault(long, []).append(value)


def _short(
    word: str, rest: list[str], known: Mapping[str, tuple[str, str]], refused: Mapping[str, str], given: Given
) -> None:
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter not in known:
            raise _unknown(letter, f"-{letter}", refused)
        long, arity = known[letter]
        if arity == "=":
            value = letters.removeprefix("=") if letters else _next(rest, word)
            letters = ""
        elif letters.startswith("="):
            value, letters = _boolean(letters[1:], word), ""
        else:
            value = "true"
        given.options.setdefault(long, []).append(value)


def _next(rest: list[str], word: str) -> str:
    if not rest:
        raise CommandRefused("option_value", "has no value", where=word)
    return rest.pop(0)


def _boolean(value: str, word: str) -> str:
    if value not in _BOOLEANS:
        raise CommandRefused("option_value", "is neither true nor false", where=word)
    return "true" if _BOOLEANS[value] else "false"


def _unknown(name: str, shown: str, refused: Mapping[str, str]) -> CommandRefused:
    code = refused.get(name, "unknown_option")
    return CommandRefused(code, SENTENCES.get(code, "isn't an option that can be decided on"), where=shown)


SENTENCES: Mapping[str, str] = {
    "other_identity": "acts as somebody else",
    "other_credentials": "takes other credentials, or another cluster",
    "raw_request": "goes around kinds and names",
    "all_objects": "means more than the named objects",
    "selector": "may mean more than the incident's target",
    "forced": "forces, or skips what protects",
    "writes_file": "writes a file",
    "reads_file": "reads a file of this machine",
    "manifest_folder": "gives a folder, whose content isn't known",
    "reads_secret": "shows credentials",
    "external_program": "runs a program",
    "interactive": "opens an editor or a session",
}
