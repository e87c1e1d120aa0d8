"""Commit objects, written byte for byte by the gate: who and when are arguments, never the environment or a config.

The same arguments give the same id, so a step that is run again after a crash makes the very commit it made before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.core.errors import BadInput
from engine.core.moment import format_instant, parse_instant

_IDENTITY = re.compile(r"[^<>\x00-\x1f\x7f]*[^<>\x00-\x1f\x7f ] <[^<>\x00-\x20\x7f]*>")
_SIGNED = re.compile(r"(.*?) ?<([^<>]*)> (-?\d{1,12}) [+-]\d{4}")
_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*): ?(.*)")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: ``author`` and ``committer`` are ``Name <address>``, ``at`` is the committer's, RFC 3339 in UTC."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    committer: str
    at: str
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0].strip()

    @property
    def trailers(self) -> dict[str, str]:
        """``Name: value`` lines of the last paragraph, when it holds nothing else and isn't the subject."""
        paragraphs = re.split(r"\n[ \t]*\n", self.message.strip())
        found = [_TRAILER.fullmatch(line.strip()) for line in paragraphs[-1].split("\n")]
        if len(paragraphs) < 2 or not all(found):
            return {}
        return {match[1]: match[2].strip() for match in found if match is not None}


def format_commit(tree: str, parents: tuple[str, ...], *, message: str, author: str, at: str) -> bytes:
    """The bytes of a commit whose author and committer are ``author`` at instant ``at``.

    Raises :class:`BadInput` for an author that isn't ``Name <address>``, or a message that Git can't hold.
    """
    if _IDENTITY.fullmatch(author) is None:
        raise BadInput(f"{author!r} is not an author", where="author", remedy="Write it as Name <address>")
    if not message.strip() or "\0" in message:
        raise BadInput("the commit message is empty or holds a NUL", where="message")
    signed = f"{author} {int(parse_instant(at, where='commit time').timestamp())} +0000"
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {signed}", f"committer {signed}"]
    return encode_text("\n".join(lines) + "\n\n" + message.rstrip() + "\n", where="message")


def parse_commit(identity: str, data: bytes, *, where: str) -> Commit:
    """Read a commit object. Raises :class:`BadInput` when it isn't well-formed."""
    head, _, message = data.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(" ")
        if name:  # a line that starts with a space continues a signature, which nobody here reads
            fields.setdefault(name, []).append(value)
    author, committer = (_SIGNED.fullmatch(fields.get(name, [""])[0]) for name in ("author", "committer"))
    tree = fields.get("tree", [""])[0]
    if author is None or committer is None or not tree:
        raise BadInput(f"commit {identity} is malformed", where=where, remedy="Run `git fsck` on the repository")
    return Commit(
        id=identity,
        tree=tree,
        parents=tuple(fields.get("parent", [])),
        author=f"{author[1]} <{author[2]}>",
        committer=f"{committer[1]} <{committer[2]}>",
        at=_instant(int(committer[3]), identity, where),
        message=message.decode("utf-8", "replace"),
    )


def encode_text(text: str, *, where: str) -> bytes:
    """UTF-8 bytes. Raises :class:`BadInput` for text that has none, such as half a surrogate pair."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadInput("the text can't be written as UTF-8", where=where) from None


def _instant(epoch: int, identity: str, where: str) -> str:
    try:
        return format_instant(datetime.fromtimestamp(epoch, UTC))
    except (ValueError, OverflowError, OSError):
        raise BadInput(f"commit {identity} has no possible date: {epoch}", where=where) from None
