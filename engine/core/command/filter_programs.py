"""The small languages inside text filters: awk, sed and jq can write, execute and read files, so each is looked into.

Nothing here is a parser of those languages. Each check accepts a part of the language in which the dangerous words
can't be written at all, and refuses what lies outside it, harmless or not.
"""

from __future__ import annotations

import re

from engine.core.command.refusal import CommandRefused

_AWK_WORDS = re.compile(r"getline|system|ENVIRON|ARG[CVI]|PROCINFO|SYMTAB|FUNCTAB|@|close|fflush|extension|\\\n")
_AWK_LIMIT = 2000
_SED_ADDRESS = r"(?:[0-9]{1,9}|\$|/[^/\\\n]*/)"
_SED_WHERE = rf"\s*(?P<where>(?:{_SED_ADDRESS}(?:,{_SED_ADDRESS})?)?)\s*"
_SED_PART = r"((?:\\[^\n]|(?!(?P=by))[^\\\n])*)"
_SED_PLAIN = re.compile(_SED_WHERE + r"!?\s*[pdq=]\s*")
_SED_SUBSTITUTE = re.compile(
    _SED_WHERE + rf"s(?P<by>[/|#,])(?P<what>{_SED_PART})(?P=by){_SED_PART}(?P=by)[gIip0-9]{{0,4}}\s*"
)
_CLASS = re.compile(r"\[:[a-z]+:\]")
_BRACKETS = re.compile(r"\[\^?+\]?+[^\]]*\]")
_JQ_WORDS = re.compile(
    r"\$ENV\b|(?<!\.)\benv\b|\bimport\b|\binclude\b|modulemeta|get_search_list|input_filename|\$__prog|getpath/|\bsystem\b|\$__loc__"
)


def awk_only_prints(program: str) -> None:
    """Raises :class:`CommandRefused` unless the program can only print.

    Behind the first brace a ``>`` or a single ``|`` may write or execute wherever it stands, in a string as well;
    before it, both only compare or match, because reading from a command needs a word that is refused.
    """
    _, brace, body = program.partition("{")
    doubled = body.replace("||", "")
    if _AWK_WORDS.search(program) or "|" in doubled or ">" in body or len(program) > _AWK_LIMIT:
        raise CommandRefused("filter_program", "may write, execute or read more than it is given", where="awk")
    if not brace and not program.strip():
        raise CommandRefused("filter_program", "is empty", where="awk")


def sed_only_prints(script: str) -> None:
    """Raises :class:`CommandRefused` unless the script is substitutions and printing, deleting or quitting at lines."""
    rest = script
    while rest:
        found = _SED_SUBSTITUTE.match(rest) or _SED_PLAIN.match(rest)
        if found is None or (found.end() < len(rest) and rest[found.end()] != ";"):
            raise CommandRefused("filter_program", "may write, execute or read a file", where="sed")
        parts = found.groupdict()
        if not (_balanced(parts["where"]) and _balanced(parts.get("what") or "")):
            raise CommandRefused("filter_program", "has a bracket that may hide where a pattern ends", where="sed")
        rest = rest[found.end() + 1 :]


def _balanced(pattern: str) -> bool:
    """Whether every bracket of a pattern ends in it, so that everybody agrees on where the pattern does."""
    return "[" not in _BRACKETS.sub("", _CLASS.sub("x", pattern.replace("\\[", "x")))


def jq_only_prints(program: str) -> None:
    """Raises :class:`CommandRefused` for a program that reads the environment or other files."""
    if _JQ_WORDS.search(program):
        raise CommandRefused("filter_program", "reads the environment or other files", where="jq")
