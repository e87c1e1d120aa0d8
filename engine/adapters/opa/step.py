"""What one check of a policies folder found, in sentences that begin with file and line."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its name, whether it holds, what it covered, and a sentence for each thing to mend.

    ``warnings`` are sentences about what holds now and soon won't; they fail nothing. One that didn't run, because
    another failed which it stands on, has neither passed nor anything to say but that.
    """

    name: str
    passed: bool
    covered: str
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ran: bool = True

    @property
    def failed(self) -> bool:
        """Whether it ran and something is to be mended."""
        return self.ran and not self.passed


def not_run(name: str, because: str) -> Step:
    """A check that would only repeat, less well, what another one found."""
    return Step(name, False, f"not run: {because}", ran=False)
