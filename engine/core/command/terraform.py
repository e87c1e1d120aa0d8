"""terraform: an apply with variables becomes a change of the object that a controller plans and applies.

Planning and validating run the programs that a configuration names, and state holds credentials, so none of it counts
as reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.command.meaning import READS, AppliesPlan, Meaning, Place
from engine.core.command.refusal import CommandRefused

_READS: Mapping[tuple[str, ...], frozenset[str]] = {
    ("version",): frozenset({"-json"}),
    ("fmt",): frozenset(),
    ("workspace", "show"): frozenset(),
    ("workspace", "list"): frozenset(),
    ("state", "list"): frozenset(),
    ("providers",): frozenset(),
}
_RUNS = frozenset({"plan", "validate", "init", "console", "test", "graph", "get", "refresh", "query"})
_SHOWS = frozenset({"output", "show", "state"})
_FORCES = frozenset({"destroy", "taint", "untaint", "import", "force-unlock"})
_REFUSED = {
    "-destroy": "forced",
    "-replace": "forced",
    "-lock": "forced",
    "-state": "writes_file",
    "-out": "writes_file",
}
_REFUSED |= {"-state-out": "writes_file", "-backup": "writes_file", "-var-file": "reads_file", "-target": "selector"}


def terraform(words: Sequence[str], _place: Place) -> Meaning:
    """What ``terraform`` would do with these words. Raises :class:`CommandRefused`."""
    rest, folder = list(words), ""
    while rest and rest[0].startswith("-chdir"):
        name, _, folder = rest.pop(0).partition("=")
        if name != "-chdir" or not folder:
            raise CommandRefused("option_value", "names no folder", where="-chdir")
    if rest[:1] == ["-version"] and len(rest) == 1:
        return READS
    verb = rest[0] if rest else ""
    if verb == "apply":
        return _apply(rest[1:], folder)
    for command, allowed in _READS.items():
        if tuple(rest[: len(command)]) == command:
            _only(rest[len(command) :], allowed | ({"-check", "-diff"} if verb == "fmt" else frozenset()))
            if verb == "fmt" and "-check" not in rest:
                raise CommandRefused("writes_file", "rewrites the files that it formats", where="terraform fmt")
            return READS
    raise _refusal(verb)


def _refusal(verb: str) -> CommandRefused:
    where = f"terraform {verb}".rstrip()
    if verb in _RUNS:
        return CommandRefused("runs_programs", "runs what the configuration and its providers name", where=where)
    if verb in _SHOWS:
        return CommandRefused("reads_secret", "shows what state holds in the clear", where=where)
    if verb in _FORCES:
        return CommandRefused("forced", "can't be taken back", where=where)
    return CommandRefused("unknown_verb", "isn't a command that can be decided on", where=where)


def _only(words: Sequence[str], allowed: frozenset[str]) -> None:
    for word in words:
        if word not in allowed:
            raise CommandRefused(_REFUSED.get(word.partition("=")[0], "unknown_option"), "can't be taken", where=word)


def _apply(words: Sequence[str], folder: str) -> Meaning:
    variables, rest = [], list(words)
    while rest:
        word = rest.pop(0)
        if word in ("-auto-approve", "-no-color", "-compact-warnings", "-input=false"):
            continue
        name, equals, value = word.removeprefix("-").partition("=") if word.startswith("--") else word.partition("=")
        if name != "-var":
            raise CommandRefused(_REFUSED.get(name, "unknown_option"), "can't be taken with an apply", where=word)
        if not equals:
            value = rest.pop(0) if rest else ""
        key, assigned, text = value.partition("=")
        if not key or not assigned:
            raise CommandRefused("option_value", "isn't NAME=VALUE", where="-var")
        variables.append((key, text))
    if len({key for key, _ in variables}) != len(variables):
        raise CommandRefused("repeated_option", "sets a variable twice", where="-var")
    if not variables:
        raise CommandRefused("runs_programs", "applies whatever the configuration says now", where="terraform apply")
    return AppliesPlan(folder, tuple(variables))
