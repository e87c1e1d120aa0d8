"""Where a change speaks to its reader: the lines that it adds or alters, as a forge can underline them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal

from engine.core.change.model import FileEdit
from engine.core.check_report import Annotation

MOST = 50

Level = Literal["notice", "warning", "failure"]


def annotate(edits: Iterable[FileEdit], message: str, level: Level) -> tuple[Annotation, ...]:
    """One annotation for each run of changed lines in the files as they are afterwards, at most ``MOST``.

    A removal is said on the line that follows it, or on the last one. A file that goes has no line to say it on.
    """
    found = (
        Annotation(edit.path, first, last, level, message)
        for edit in edits
        if edit.after is not None
        for first, last in _runs(edit.before or b"", edit.after)
    )
    return tuple(one for one, _ in zip(found, range(MOST), strict=False))


def _runs(before: bytes, after: bytes) -> Iterator[tuple[int, int]]:
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    if not new:
        return
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            first = min(start + 1, len(new))
            yield first, max(first, end)
