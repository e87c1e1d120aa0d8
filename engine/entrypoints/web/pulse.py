"""The pulse of the loop: when it last did something, and what it couldn't do, for readiness to tell."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.core.moment import seconds_between

STALL_SECONDS = 180


@dataclass
class Pulse:
    """Written by the loop, read by routes; ``beat`` is empty where no loop runs, ``forge`` until it answered.

    ``leads`` is whether this gate does what one of several has to do alone. ``watched`` is when a followed cluster was
    last looked at whole, and ``unknown_kinds`` what wasn't known of it then.
    """

    beat: str = ""
    forge: str = ""
    leads: bool = True
    watched: str = ""
    unknown_kinds: int = 0
    troubles: dict[str, str] = field(default_factory=dict)

    def stalled(self, now: str) -> str:
        """What is wrong with the loop; empty when it lives, or when there is none to live."""
        if not self.beat or seconds_between(self.beat, now) <= STALL_SECONDS:
            return ""
        return f"nothing was done since {self.beat}"
