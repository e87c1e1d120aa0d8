"""The record: a hash chain of what happened, which a reader can check without trusting the database it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.core import canonical
from engine.core.errors import TamperedRecord

GENESIS = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded: ``kind`` is the step (``signal``, ``decision``, ``merge``), ``subject`` an id."""

    kind: str
    subject: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One link of the chain: ``digest`` covers every other field, ``previous`` is the digest before it."""

    sequence: int
    at: str
    kind: str
    subject: str
    body: dict[str, Any]
    previous: str
    digest: str


def link(sequence: int, at: str, entry: Entry, previous: str) -> Record:
    """The next record after ``previous``."""
    digest = chain_digest(sequence, at, entry, canonical.encode(entry.body), previous)
    return Record(sequence, at, entry.kind, entry.subject, entry.body, previous, digest)


def chain_digest(sequence: int, at: str, entry: Entry, body: bytes, previous: str) -> str:
    """The digest of ``[sequence, at, kind, subject, body, previous]``, with the body's canonical bytes at hand."""
    head, tail = canonical.encode([sequence, at, entry.kind, entry.subject]), canonical.encode([previous])
    return canonical.digest_bytes(head[:-1] + b"," + body + b"," + tail[1:])


def verify_chain(records: Iterable[Record], *, previous: str = GENESIS, sequence: int = 0) -> tuple[int, str]:
    """Check each record against the one before; return how many there are and the tip's digest.

    Raises :class:`TamperedRecord` naming the first record that doesn't hold.
    """
    count = 0
    for record in records:
        sequence += 1
        expected = link(sequence, record.at, Entry(record.kind, record.subject, record.body), previous)
        if expected != record:
            raise TamperedRecord(
                f"record {record.sequence} doesn't follow from the one before",
                where=f"record {record.sequence}",
                remedy="Compare with the tips anchored in Git to find when it was changed",
            )
        previous = record.digest
        count += 1
    return count, previous
