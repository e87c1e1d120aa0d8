"""A payload read field by field, so that what doesn't fit is named by its path and nothing is half taken.

Kubernetes objects are too many and too open to model each; but a list where a map belongs must be a clear refusal
and not an AttributeError somewhere inside the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from engine.core.errors import BadInput
from engine.core.moment import format_instant, parse_instant

_REMEDY = "Send the payload as its source wrote it"


class Document:
    """One JSON object with the path it was found at. An absent or null field reads as empty."""

    __slots__ = ("value", "where")

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise BadInput("is not an object", where=where, remedy=_REMEDY)
        self.value: dict[str, Any] = value
        self.where = where

    def at(self, field: str) -> str:
        """The path of a field, for a refusal."""
        return f"{self.where}.{field}"

    def refuse(self, field: str, problem: str) -> BadInput:
        """A refusal that names a field."""
        return BadInput(problem, where=self.at(field), remedy=_REMEDY)

    def section(self, field: str) -> Document:
        """A nested object; an empty one where there is none."""
        value = self.value.get(field)
        return Document({} if value is None else value, self.at(field))

    def sections(self, field: str) -> Iterator[Document]:
        """A list of objects."""
        value = self.value.get(field)
        if value is not None and not isinstance(value, list):
            raise self.refuse(field, "is not a list")
        for position, item in enumerate(value or ()):
            yield Document(item, f"{self.at(field)}[{position}]")

    def text(self, field: str) -> str:
        """A string; empty where there is none."""
        value = self.value.get(field)
        if value is not None and not isinstance(value, str):
            raise self.refuse(field, "is not text")
        return value or ""

    def required(self, field: str) -> str:
        """A string that has to be there."""
        value = self.text(field)
        if not value:
            raise self.refuse(field, "is missing")
        return value

    def number(self, field: str, default: int = 0) -> int:
        """A whole number."""
        value = self.value.get(field)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse(field, "is not a whole number")
        return value

    def texts(self, field: str) -> dict[str, str]:
        """A map of strings."""
        section = self.section(field)
        return {key: section.text(key) for key in section.value}

    def instant(self, *fields: str) -> str:
        """The first of these fields that is given, as RFC 3339 in UTC with whole seconds; empty where none is."""
        for field in fields:
            text = self.text(field)
            if text:
                return self._instant(field, text)
        return ""

    def _instant(self, field: str, text: str) -> str:
        try:
            moment: datetime = parse_instant(text)
        except BadInput:
            raise self.refuse(field, f"{text[:40]!r} is not an RFC 3339 time with an offset") from None
        return format_instant(moment)
