"""What one check of a policies folder found, in sentences that begin with file and line."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its name, whether it holds, what it covered, and a sentence for each thing to mend.

    ``warnings`` are sentences about what holds now and soon won't; they fail nothing.
    """

    name: str
    passed: bool
    covered: str
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
