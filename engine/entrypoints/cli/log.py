"""What a serving gate logs on stderr: sentences for a person, or one JSON object a line for whoever collects them.

Libraries log as well, and what they say may hold words from outside. So each line is one line, cleaned, and without
secrets, whoever wrote it; of an error there is its name, since what it says is in the sentence where that matters.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from engine.core import canonical
from engine.core.moment import format_instant
from engine.core.redaction import redact_text
from engine.core.untrusted import one_line

LIMIT = 2000
NAME = "penstock"


class Sentences(logging.Formatter):
    """One cleaned line."""

    def format(self, record: logging.LogRecord) -> str:
        """The sentence, and the name of the error where there is one."""
        error = _error(record)
        return one_line(redact_text(record.getMessage()), limit=LIMIT) + (f" ({error})" if error else "")


class Objects(logging.Formatter):
    """The same as a JSON object: ``at`` (RFC 3339), ``level``, ``logger``, ``message``, and ``error`` by its name."""

    def format(self, record: logging.LogRecord) -> str:
        """One object, without a line break."""
        error = _error(record)
        said = {
            "at": format_instant(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": one_line(redact_text(record.getMessage()), limit=LIMIT),
            **({"error": error} if error else {}),
        }
        return canonical.encode(said).decode()


def log_to_stderr(form: Literal["text", "json"]) -> Callable[[str], None]:
    """Log in this form from now on: warnings of anybody, and all that the gate says by what is returned."""
    handler = logging.StreamHandler()
    handler.setFormatter(Objects() if form == "json" else Sentences())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    teller = logging.getLogger(NAME)
    teller.setLevel(logging.INFO)
    return lambda text: teller.info("%s", text)


def _error(record: logging.LogRecord) -> str:
    kind = record.exc_info[0] if record.exc_info else None
    return kind.__name__ if kind else ""
