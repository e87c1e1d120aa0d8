"""Replaying the record for pull requests that change policy, beside the loop: a long record keeps nobody waiting.

The desk's lock is held while the policies of a head are laid out, and let go before anything is replayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.entrypoints.web.aside import Aside
from engine.usecases.replay_pull_request import replay_wanted


@dataclass
class Replaying(Aside):
    """Replays what is asked for, while it is entered."""

    trouble: ClassVar[str] = "replay"

    def round(self) -> int:
        """Replay for every pull request that waits for it, where this gate leads, and say for how many."""
        if not self.desk.pulse.leads:
            return 0
        return len(replay_wanted(self.desk.gate.ports, self.desk.now, self.desk.acting))
