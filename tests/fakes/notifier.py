"""A channel in memory that fails as often as it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.core.errors import NotDelivered
from engine.core.message import Message


@dataclass
class MemoryNotifier:
    """``failures`` are raised one after the other before anything is taken."""

    name: str = "memory"
    failures: list[NotDelivered] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)
    asked: int = 0

    def tell(self, message: Message) -> None:
        """Keep the message, or fail as planned."""
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        self.told.append(message)


def silent(times: int) -> list[NotDelivered]:
    """So many failures that pass."""
    return [NotDelivered("no answer", where="memory") for _ in range(times)]
