"""One simple command: which program it is, and what its words mean. Whatever isn't known is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from engine.core.command.filters import DURATION, FILTERS
from engine.core.command.gitops_clients import argocd, flux
from engine.core.command.helm import helm
from engine.core.command.kubectl import kubectl
from engine.core.command.meaning import Meaning, Place, SimpleCommand
from engine.core.command.refusal import CommandRefused
from engine.core.command.terraform import terraform

CLIENTS: Mapping[str, Callable[[Sequence[str], Place], Meaning]] = {
    "kubectl": kubectl,
    "helm": helm,
    "terraform": terraform,
    "tofu": terraform,
    "argocd": argocd,
    "flux": flux,
}
SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_READ_ALIKE = frozenset({"sh", "bash", "dash"})  # as the grammar is; the others give some words another meaning
_NEVER: Mapping[str, tuple[str, str]] = {
    "xargs": ("runs_arguments", "makes commands of what it reads"),
    "parallel": ("runs_arguments", "makes commands of what it reads"),
    "find": ("runs_arguments", "can run a command for what it finds"),
    **dict.fromkeys(
        ("eval", "source", ".", "exec", "command", "builtin", "trap"), ("evaluates_text", "runs other text")
    ),
    **dict.fromkeys(("alias", "unalias", "hash", "enable"), ("evaluates_text", "gives a name another meaning")),
    **dict.fromkeys(("export", "declare", "local", "readonly", "read", "unset"), ("assignment", "sets variables")),
    **dict.fromkeys(("sudo", "su", "doas", "runuser", "setpriv"), ("other_identity", "acts as somebody else")),
    **dict.fromkeys(("env", "nohup", "nice", "watch", "setsid", "script"), ("evaluates_text", "runs another program")),
    "tee": ("writes_file", "writes what it reads to files"),
}
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]"
)
WORD_LIMIT = 16_384


def classify(command: SimpleCommand, place: Place) -> Meaning:
    """What a simple command means. Raises :class:`CommandRefused` with the reason it isn't taken for."""
    words = _bare(command.words)
    name = words[0]
    if name in CLIENTS:
        _ascii(words)
        return CLIENTS[name](words[1:], place)
    if name in FILTERS:
        return FILTERS[name](words[1:], place)
    raise _refusal(name)


def shell_script(command: SimpleCommand) -> str | None:
    """The text that ``sh -c TEXT`` would run; ``None`` where this is no shell. Raises :class:`CommandRefused`."""
    words = command.words
    if not words or words[0] not in SHELLS:
        return None
    options = words[1:-1]
    if words[0] not in _READ_ALIKE:
        raise CommandRefused("shell_invocation", "reads some words in its own way", where=words[0])
    if command.piped or not options or options[-1] not in ("-c", "-ec", "-euc", "-euxc", "-exc", "-xc"):
        raise CommandRefused("shell_invocation", "isn't sh -c with one text", where=words[0])
    if any(word not in ("-e", "-u", "-x") for word in options[:-1]):
        raise CommandRefused("shell_invocation", "has options that change what is read", where=words[0])
    return words[-1]


def _bare(words: Sequence[str]) -> Sequence[str]:
    """The words without ``time`` and ``timeout DURATION`` before them."""
    rest = list(words)
    while rest and rest[0] in ("time", "timeout"):
        if rest[0] == "timeout":
            if len(rest) < 3 or not DURATION.fullmatch(rest[1]):
                raise CommandRefused("filter_option", "isn't timeout DURATION COMMAND", where="timeout")
            rest = rest[2:]
        else:
            rest = rest[1:]
    if not rest or not rest[0]:
        raise CommandRefused("empty", "there is no command")
    for word in rest:
        if len(word) > WORD_LIMIT:
            raise CommandRefused("too_long", "has a word that is too long")
        if _HIDDEN.search(word):
            raise CommandRefused("unusual_characters", "has characters that can't be seen")
    return rest


def _ascii(words: Sequence[str]) -> None:
    for word in words:
        if not word.isascii():
            raise CommandRefused("unusual_characters", "isn't plain ASCII, and may look like another word", where=word)


def _refusal(name: str) -> CommandRefused:
    if not name.isascii():
        return CommandRefused("unusual_characters", "isn't plain ASCII, and may look like another program", where=name)
    if "/" in name and name.rpartition("/")[2] in {*CLIENTS, *FILTERS, *SHELLS}:
        return CommandRefused("program_path", "is a file, and not the program of this name", where=name)
    if name in SHELLS:
        return CommandRefused("shell_invocation", "isn't sh -c with one text", where=name)
    code, sentence = _NEVER.get(name, ("unknown_program", "isn't a program whose commands can be decided on"))
    return CommandRefused(code, sentence, where=name)
