"""Text filters: programs that print what they are given, as long as their options let them do no more.

A filter reads what is piped into it. One that reads a file of this machine could show its credentials, and one that
writes or executes is no filter, so each has a closed list of options, and its program text is looked into.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from engine.core.command.filter_programs import awk_only_prints, jq_only_prints, sed_only_prints
from engine.core.command.meaning import READS, Meaning, Place
from engine.core.command.options import Given, read_options
from engine.core.command.refusal import CommandRefused

_GREP = (
    "A|after-context= B|before-context= C|context= m|max-count= e|regexp= i|ignore-case v|invert-match "
    "E|extended-regexp F|fixed-strings G|basic-regexp P|perl-regexp o|only-matching c|count n|line-number "
    "w|word-regexp x|line-regexp q|quiet s|no-messages h|no-filename H|with-filename a|text line-buffered color?"
)
_SORT = (
    "n|numeric-sort r|reverse k|key= t|field-separator= u|unique h|human-numeric-sort V|version-sort f|ignore-case "
    "b|ignore-leading-blanks g|general-numeric-sort M|month-sort s|stable d|dictionary-order c|check"
)
_JQ = (
    "r|raw-output c|compact-output e|exit-status s|slurp n|null-input R|raw-input S|sort-keys a|ascii-output "
    "j|join-output M|monochrome-output C|color-output tab indent= stream"
)
_SPECS: Mapping[str, tuple[str, int]] = {
    "grep": (_GREP, 1),
    "egrep": (_GREP, 1),
    "fgrep": (_GREP, 1),
    "head": ("n|lines= c|bytes= q|quiet", 0),
    "tail": ("n|lines= c|bytes= q|quiet f|follow F|retry", 0),
    "wc": ("l|lines w|words c|bytes m|chars L|max-line-length", 0),
    "sort": (_SORT, 0),
    "uniq": ("c|count d|repeated u|unique i|ignore-case f|skip-fields= s|skip-chars= w|check-chars=", 0),
    "cut": ("d|delimiter= f|fields= c|characters= b|bytes= s|only-delimited complement output-delimiter=", 0),
    "tr": ("d|delete s|squeeze-repeats c|complement C|complement-set", 2),
    "column": ("t|table s|separator= o|output-separator= n|non-empty", 0),
    "cat": ("n|number A|show-all s|squeeze-blank b|number-nonblank e|ends v|show-nonprinting", 0),
    "tac": ("", 0),
    "rev": ("", 0),
    "nl": ("b|body-numbering= w|number-width=", 0),
    "fold": ("w|width= s|spaces", 0),
    "base64": ("d|decode w|wrap= i|ignore-garbage", 0),
    "true": ("", 0),
    "false": ("", 0),
    ":": ("", 0),
}
DURATION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?[smhd]?")
_COUNT = re.compile(r"-[0-9]{1,9}")
_SET = re.compile(r"-[eux]{1,3}o?|[-+]o|pipefail|errexit|nounset")
_WRITES = {"o": "writes_file", "output": "writes_file", "i": "writes_file", "in-place": "writes_file"}
_READS = {"f": "reads_file", "file": "reads_file", "r": "reads_file", "R": "reads_file", "recursive": "reads_file"}
_REFUSED: Mapping[str, Mapping[str, str]] = {"sort": _WRITES, "sed": _WRITES | _READS, "awk": _WRITES | _READS}

Filter = Callable[[Sequence[str], Place], Meaning]


def _plain(name: str, words: Sequence[str], _place: Place) -> Meaning:
    spec, most = _SPECS[name]
    if name in ("head", "tail"):
        words = [word for word in words if not _COUNT.fullmatch(word)]
    given = _options(name, words, spec)
    if "regexp" in given.options:
        most = 0
    if any(word not in ("", "-") for word in given.words[most:]) or len(given.words) > most + 1:
        raise CommandRefused("reads_file", "a filter reads what is piped into it", where=f"{name} {given.words[most]}")
    return READS


def _options(name: str, words: Sequence[str], spec: str) -> Given:
    try:
        return read_options(words, spec, _REFUSED.get(name, _READS))
    except CommandRefused as refusal:
        if refusal.code == "unknown_option":
            raise CommandRefused("filter_option", "isn't an option that only prints", where=refusal.where) from None
        raise


def _printed(words: Sequence[str], _place: Place) -> Meaning:
    """``printf``: words come out as they went in. Some shells' works its numbers out, and runs what stands in them."""
    if words and words[0].startswith("-v"):
        raise CommandRefused("assignment", "sets a variable", where="printf -v")
    for word in words:
        if "`" in word or "$" in word:
            raise CommandRefused("expansion", "is worked out by some shells, even where it is quoted", where=word)
    return READS


def _said(_words: Sequence[str], _place: Place) -> Meaning:
    """``echo``: words come out as they went in."""
    return READS


def _sleep(words: Sequence[str], _place: Place) -> Meaning:
    if len(words) != 1 or not DURATION.fullmatch(words[0]):
        raise CommandRefused("filter_option", "isn't sleep SECONDS", where="sleep")
    return READS


def _awk(words: Sequence[str], _place: Place) -> Meaning:
    given = _options("awk", words, "F|field-separator= v|assign=")
    if len(given.words) != 1:
        raise CommandRefused("reads_file", "a filter reads what is piped into it", where="awk")
    awk_only_prints(given.words[0])
    return READS


def _sed(words: Sequence[str], _place: Place) -> Meaning:
    given = _options("sed", words, "n|quiet E|regexp-extended r|regexp-extended e|expression= u|unbuffered")
    scripts = given.all("expression") or given.words[:1]
    if not scripts or len(given.words) > (0 if given.all("expression") else 1):
        raise CommandRefused("reads_file", "a filter reads what is piped into it", where="sed")
    for script in scripts:
        sed_only_prints(script)
    return READS


def _jq(words: Sequence[str], _place: Place) -> Meaning:
    rest, kept = list(words), []
    while rest:
        word = rest.pop(0)
        if word in ("--arg", "--argjson"):
            if len(rest) < 2:
                raise CommandRefused("option_value", "has no name and value", where=word)
            rest = rest[2:]
        else:
            kept.append(word)
    given = _options("jq", kept, _JQ)
    if len(given.words) > 1:
        raise CommandRefused("reads_file", "a filter reads what is piped into it", where=f"jq … {given.words[1]}")
    jq_only_prints(given.words[0] if given.words else ".")
    return READS


def _set(words: Sequence[str], _place: Place) -> Meaning:
    """The switches of a shell that make it stop at errors, and no others."""
    for word in words:
        if not _SET.fullmatch(word):
            raise CommandRefused("filter_option", "changes how the shell reads commands", where="set")
    return READS


def _date(words: Sequence[str], _place: Place) -> Meaning:
    for word in words:
        if word not in ("-u", "--utc") and not word.startswith("+"):
            raise CommandRefused("filter_option", "does more than print the time", where="date")
    return READS


FILTERS: Mapping[str, Filter] = {
    **{name: partial(_plain, name) for name in _SPECS},
    "sleep": _sleep,
    "echo": _said,
    "printf": _printed,
    "awk": _awk,
    "gawk": _awk,
    "sed": _sed,
    "jq": _jq,
    "set": _set,
    "date": _date,
}
