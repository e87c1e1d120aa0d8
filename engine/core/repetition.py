"""What a watcher has said already. A cluster shows the same trouble at every look; telling it each time would count
looks and not faults. What goes on is told again after a while, so that an incident closed too early comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core.moment import seconds_between
from engine.core.signal import Signal

AGAIN_SECONDS = 600


class Told:
    """The signals that were told, by digest, and when. Bounded by what is seen at one whole look."""

    def __init__(self) -> None:
        self._at: dict[str, str] = {}

    def untold(self, signals: Iterable[Signal], *, now: str) -> list[Signal]:
        """Those that weren't told, or so long ago that they are news again; ``now`` is RFC 3339 in UTC."""
        return [one for one in signals if self._due(one.digest, now)]

    def tell(self, signals: Iterable[Signal], *, now: str) -> None:
        """These were told just now."""
        self._at.update((signal.digest, now) for signal in signals)

    def keep(self, seen: Sequence[Signal]) -> None:
        """Forget all that a whole look doesn't show any more."""
        shown = {signal.digest for signal in seen}
        self._at = {digest: at for digest, at in self._at.items() if digest in shown}

    def _due(self, digest: str, now: str) -> bool:
        at = self._at.get(digest)
        return at is None or seconds_between(at, now) >= AGAIN_SECONDS
