"""Documents of a file as whole texts: one removed, one added, one lifted out with its comments."""

from __future__ import annotations

import re

from engine.core.change.yaml_source import compose

_SEPARATOR = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)


def remove_document(text: str, index: int, where: str) -> str | None:
    """The text without one of its documents, ``None`` when it was the only one."""
    documents = compose(text, where)
    if len(documents) == 1:
        return None
    start = int(documents[index].root.start_mark.index)
    marks = [m.start() for m in _SEPARATOR.finditer(text)]
    opening = max((m for m in marks if m <= start), default=0)
    following = next((m for m in marks if m > start), None)
    if following is not None:
        head = text[:opening]
        return head + text[following:] if head.strip() else text[: opening or 0] + _after_mark(text, following)
    return text[:opening]


def _after_mark(text: str, mark: int) -> str:
    end = text.find("\n", mark)
    return text[end + 1 :] if end >= 0 else ""


def append_document(text: str, document: str) -> str:
    """The text with one more document at its end."""
    if not text.strip():
        return document
    newline = "\r\n" if "\r\n" in text else "\n"
    joint = text if text.endswith("\n") else text + newline
    return f"{joint}---{newline}{document}"


def document_text(text: str, index: int, where: str) -> str:
    """One document's own text, with its comments, without the separators around it."""
    documents = compose(text, where)
    start = int(documents[index].root.start_mark.index)
    marks = [m.start() for m in _SEPARATOR.finditer(text)]
    opening = max((m for m in marks if m <= start), default=None)
    begin = 0 if opening is None else len(text) - len(_after_mark(text, opening))
    following = next((m for m in marks if m > start), len(text))
    return text[begin:following]
