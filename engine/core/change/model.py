"""The change: exact file edits with digest and inverse, judged by policy before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core import canonical


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file before and after; ``None`` means it doesn't exist there. Paths are POSIX, relative to the repository."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Change:
    """Edits against one base commit.

    ``verified`` says the edited files were re-read and rendered and gave exactly the intended object;
    ``summary`` is one sentence of what changes, made by the gate.
    """

    base_commit: str
    edits: tuple[FileEdit, ...]
    summary: str
    verified: bool

    @property
    def digest(self) -> str:
        """Digest over paths and resulting bytes, independent of the base commit."""
        results = {e.path: None if e.after is None else canonical.digest_bytes(e.after) for e in self.edits}
        return canonical.digest(results)

    @property
    def inverse(self) -> tuple[FileEdit, ...]:
        """The edits that undo this change on top of it."""
        return tuple(FileEdit(edit.path, edit.after, edit.before) for edit in self.edits)

    @property
    def lines(self) -> int:
        """Lines added and removed over all files."""
        return sum(_changed_lines(edit) for edit in self.edits)


def _changed_lines(edit: FileEdit) -> int:
    import difflib

    before = (edit.before or b"").decode("utf-8", "replace").splitlines()
    after = (edit.after or b"").decode("utf-8", "replace").splitlines()
    return sum(1 for line in difflib.ndiff(before, after) if line[:1] in "+-")
