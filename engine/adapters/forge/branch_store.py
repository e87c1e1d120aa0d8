"""What the local forge needs of a Git repository: commits made from arguments, and refs moved by compare-and-swap.

Adapters don't know each other, so the forge says here what it needs and is given something that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from engine.core.change.model import FileEdit


class CommitFacts(Protocol):
    """One commit as the forge reads it."""

    @property
    def id(self) -> str: ...
    @property
    def parents(self) -> tuple[str, ...]: ...
    @property
    def at(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def committer(self) -> str: ...
    @property
    def message(self) -> str: ...


class BranchStore(Protocol):
    """A repository's branches, and the commits below them."""

    location: str

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold a lock against other processes; it goes with the process."""
        ...

    def ref(self, name: str) -> str | None:
        """The commit a full ref name points at, or ``None``."""
        ...

    def refs(self, prefix: str) -> Mapping[str, str]:
        """Refs below a prefix that ends in a slash, with their commits."""
        ...

    def move(self, name: str, old: str | None, new: str | None) -> None:
        """Compare-and-swap of a ref. Raises :class:`~engine.core.errors.LostRace`; nothing moves then."""
        ...

    def describe(self, commit: str) -> CommitFacts:
        """One commit. Raises :class:`~engine.core.errors.NotFound`."""
        ...

    def between(self, tip: str, base: str) -> Iterable[CommitFacts]:
        """Commits reachable from ``tip``, nearest first, without going past ``base``."""
        ...

    def descends(self, tip: str, base: str) -> bool:
        """Whether ``tip`` is ``base`` or was made on top of it."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A regular file's bytes at a commit."""
        ...

    def changes(self, old: str, new: str) -> tuple[FileEdit, ...]:
        """The edits from one commit's files to another's."""
        ...

    def commit(self, base: str, edits: Sequence[FileEdit], *, message: str, author: str, at: str) -> str:
        """Write a commit on top of ``base``. Raises :class:`~engine.core.errors.ChangeRefused`."""
        ...

    def merge(self, parents: tuple[str, ...], edits: Sequence[FileEdit], *, message: str, author: str, at: str) -> str:
        """Write a commit with these parents: the first one's files with the edits made."""
        ...

    def snapshot(
        self, files: Mapping[str, bytes], parents: tuple[str, ...], *, message: str, author: str, at: str
    ) -> str:
        """Write a commit that holds exactly these files."""
        ...
