"""What a forge on another machine needs of the repository's copy on this one.

Adapters don't know each other, so the forge says here what it needs and is given something that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.core.change.model import FileEdit

MADE = "refs/penstock/made/"


class Mirror(Protocol):
    """The repository's copy on this machine. ``MADE`` and a commit's id is the ref of a commit that the gate made."""

    def refresh(self) -> None:
        """Bring the base and the gate's branches up to date. Raises :class:`~engine.core.errors.ForgeTrouble`."""
        ...

    def bring(self, commit: str, number: int) -> None:
        """Have a commit of a pull request here. Raises :class:`~engine.core.errors.ForgeTrouble`."""
        ...

    def ref(self, name: str) -> str | None:
        """The commit a full ref name points at here, or ``None``."""
        ...

    def move(self, name: str, old: str | None, new: str | None) -> None:
        """Compare-and-swap of a ref here. Raises :class:`~engine.core.errors.LostRace`."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A regular file's bytes at a commit."""
        ...

    def merge_base(self, one: str, other: str) -> str:
        """The nearest commit that both were made on. Raises :class:`~engine.core.errors.NotFound`."""
        ...

    def changes(self, old: str, new: str) -> Sequence[FileEdit]:
        """The edits from one commit's files to another's."""
        ...

    def commit(self, base: str, edits: Sequence[FileEdit], *, message: str, author: str, at: str) -> str:
        """Write a commit on top of ``base`` here. Raises :class:`~engine.core.errors.ChangeRefused`."""
        ...

    def push(self, commit: str | None, ref: str, expected_old: str | None) -> None:
        """Move a ref on the forge from where it is expected. Raises :class:`~engine.core.errors.LostRace`."""
        ...
