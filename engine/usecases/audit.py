"""Audit: is the record the one that was written? Answered from the records alone, with no database.

A chain shows a change in its middle. What it can't show by itself is a tail cut off, or a whole chain written
anew; the tips that merge commits carry do, because whoever rewrites the record would have to rewrite Git too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.core import canonical
from engine.core.errors import BadInput, TamperedRecord
from engine.core.record import GENESIS, Record, verify_chain
from engine.ports import GitRepository

TRAILER = "Penstock-Record-Tip"
LINE_LIMIT = 16_777_216

_ANCHOR = re.compile(r"(0|[1-9][0-9]{0,15}):(sha256:[0-9a-f]{64})")
_FIELDS: dict[str, type] = {
    "sequence": int,
    "at": str,
    "kind": str,
    "subject": str,
    "body": dict,
    "previous": str,
    "digest": str,
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain stood when a commit was made: the last record's sequence and digest; ``source`` is the commit."""

    sequence: int
    digest: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """The first record that doesn't follow from the one before; ``position`` counts from one."""

    position: int
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    ``count`` and ``tip`` are of the part that holds. An anchor is ``matched``, ``contradicted`` (another record
    stands there) or ``missing`` (the chain, or the part of it that holds, ends before).
    """

    count: int
    tip: str
    matched: tuple[Anchor, ...] = ()
    contradicted: tuple[Anchor, ...] = ()
    missing: tuple[Anchor, ...] = ()
    broken: BrokenRecord | None = None

    @property
    def holds(self) -> bool:
        """Whether there is a record, all of it follows, and no anchor says otherwise."""
        return self.count > 0 and self.broken is None and not self.contradicted and not self.missing

    @property
    def sentence(self) -> str:
        """What was found, in one sentence."""
        if self.broken is not None:
            return f"the record is broken at record {self.broken.position}: {self.broken.message}"
        for anchors, what in ((self.contradicted, "was rewritten"), (self.missing, "ends too early")):
            if anchors:
                first = anchors[0]
                return f"the record {what}: commit {first.source[:12]} names {first.sequence}:{first.digest}"
        if self.count == 0:
            return "the record is empty, so there is nothing to verify"
        anchored = f", {len(self.matched)} anchored in Git" if self.matched else ""
        counted = "1 record" if self.count == 1 else f"{self.count} records"
        return f"the record holds: {counted}{anchored}, tip {self.count}:{self.tip}"

    def as_document(self) -> dict[str, Any]:
        """Plain JSON values, with whether it ``holds``."""
        return {
            "holds": self.holds,
            "count": self.count,
            "tip": self.tip,
            "broken": None if self.broken is None else {"position": self.broken.position, "why": self.broken.message},
            "anchors": {
                name: [{"sequence": a.sequence, "digest": a.digest, "source": a.source} for a in anchors]
                for name, anchors in (
                    ("matched", self.matched),
                    ("contradicted", self.contradicted),
                    ("missing", self.missing),
                )
            },
        }


def verify(records: Iterable[Record], anchors: Iterable[Anchor] = ()) -> Verification:
    """Check the chain and hold it against anchors; streams, so a long record needs little memory.

    Raises what reading the records raises when it isn't about one of them: :class:`BadInput` for an export that is
    none, :class:`~engine.core.errors.LedgerUnavailable`.
    """
    wanted = list(anchors)
    numbers = {anchor.sequence for anchor in wanted}
    digests = {0: GENESIS}
    count, tip, broken = 0, GENESIS, None
    try:
        for record in records:
            tip = _follow(record, tip, count)
            count += 1
            if count in numbers:
                digests[count] = tip
    except TamperedRecord as error:
        broken = BrokenRecord(count + 1, error.message)
    return Verification(
        count,
        tip,
        matched=tuple(a for a in wanted if digests.get(a.sequence) == a.digest),
        contradicted=tuple(a for a in wanted if digests.get(a.sequence, a.digest) != a.digest),
        missing=tuple(a for a in wanted if a.sequence not in digests),
        broken=broken,
    )


def _follow(record: Record, previous: str, count: int) -> str:
    """The tip after a record; a body that JSON can't carry was never what the digest covers."""
    try:
        return verify_chain((record,), previous=previous, sequence=count)[1]
    except BadInput as error:
        raise TamperedRecord(error.message) from None


def anchors_in(repository: GitRepository, branch: str, *, limit: int = 1_000_000) -> list[Anchor]:
    """The tips that the commits of a branch carry, newest first. Raises :class:`BadInput` for one that is none."""
    history = repository.history(repository.head(branch), "", limit)
    return [read_anchor(commit.trailers[TRAILER], source=commit.id) for commit in history if TRAILER in commit.trailers]


def read_anchor(text: str, *, source: str) -> Anchor:
    """The anchor that a commit trailer ``<sequence>:<digest>`` names. Raises :class:`BadInput`."""
    found = _ANCHOR.fullmatch(text.strip())
    if found is None:
        raise BadInput(
            f"{TRAILER} is not <sequence>:<digest>", where=f"commit {source}", remedy="Find out who wrote this commit"
        )
    return Anchor(int(found[1]), found[2], source)


def record_document(record: Record) -> dict[str, Any]:
    """A record as plain JSON values, as exports and the HTTP surface show it."""
    return {name: getattr(record, name) for name in _FIELDS}


def export_line(record: Record) -> bytes:
    """One line of an export: the record's canonical JSON."""
    return canonical.encode(record_document(record)) + b"\n"


def read_export(lines: Iterable[bytes], *, where: str) -> Iterator[Record]:
    """The records of an export, one a line. Raises :class:`BadInput` naming the line that isn't one."""
    for number, line in enumerate(lines, start=1):
        place = f"{where}:{number}"
        fields = canonical.parse(line, where=place, limit=LINE_LIMIT)
        if not isinstance(fields, dict) or set(fields) != set(_FIELDS):
            raise BadInput("not a record", where=place, remedy="Export again: penstock audit export FILE")
        for name, wanted in _FIELDS.items():
            if type(fields[name]) is not wanted:
                raise BadInput(f"{name} is not what a record has there", where=place, remedy="Export again")
        yield Record(**fields)
