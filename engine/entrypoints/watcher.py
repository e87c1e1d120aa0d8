"""The watcher: what changes in a followed cluster is an incident at once, and once a minute everything is looked at.

The look at everything finds what only time makes a fault, a pod that doesn't get ready, and whatever a failed step
left behind. So nothing has to be kept for later when the ledger can't take it: what the API still has comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from time import monotonic
from typing import Any

from engine.adapters.signals.kubernetes import KINDS, signals_from_objects
from engine.core.errors import BadInput, NotFound, PenstockError
from engine.core.incident import Incident
from engine.core.moment import format_instant
from engine.core.repetition import Told
from engine.core.signal import Signal
from engine.core.untrusted import one_line
from engine.ports import FollowedCluster, Ports
from engine.usecases.observe import observe

HEALTH_SECONDS = 60.0
TICK_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0


@dataclass
class Watcher:
    """Observes a followed cluster; ``heard`` is told of every incident that is new or changed, ``say`` of troubles.

    ``looked`` is told after each look at everything, of how many kinds nothing is known.
    """

    ports: Ports
    cluster: FollowedCluster
    say: Callable[[str], None]
    heard: Callable[[Incident], None]
    troubles: dict[str, str] = field(default_factory=dict)
    looked: Callable[[int], None] = lambda _: None
    leaving: Event = field(default_factory=Event)
    _told: Told = field(default_factory=Told)
    _due: float = 0.0
    _failures: int = 0
    _refused: int = 0
    _thread: Thread | None = None

    def __enter__(self) -> Watcher:
        """Watch in a thread of its own."""
        self._thread = Thread(target=self.run, name="watcher", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the step that is under way."""
        self.leaving.set()
        if self._thread is not None:
            self._thread.join(10)

    def run(self) -> None:
        """Watch until ``leaving`` is set."""
        while not self.leaving.is_set():
            self.step()

    def step(self) -> None:
        """Take what has changed, waiting a moment for it, or look at everything when that is due."""
        try:
            changed = self.cluster.changed(TICK_SECONDS)
            if changed:
                self._observe(self.cluster.around(changed))
            if monotonic() >= self._due:
                self._look()
            elif bool(unknown := self._unknown()) != ("cluster" in self.troubles):
                self._note("cluster", unknown)
        except PenstockError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  the end of this thread's stack: the watcher has to outlive it
            self._fail(f"failed: {type(error).__name__}")

    def _look(self) -> None:
        objects: list[dict[str, Any]] = []
        for kind in KINDS:
            try:
                objects.extend(self.cluster.all(kind))
            except NotFound:
                continue
        self._refused = 0
        self._told.keep(self._observe(objects))
        if not self._refused:
            self._note("an object isn't understood", "")
        self._due, self._failures = monotonic() + HEALTH_SECONDS, 0
        self.looked(len(self.cluster.troubles()))
        self._note("watch", "")
        self._note("cluster", self._unknown())

    def _unknown(self) -> str:
        """What can't be read of the cluster now."""
        return "; ".join(f"{kind}: {said}" for kind, said in sorted(self.cluster.troubles().items()))[:600]

    def _observe(self, objects: Sequence[dict[str, Any]]) -> list[Signal]:
        now = format_instant(datetime.now(UTC))
        signals = self._signals(objects, now)
        news = self._told.untold(signals, now=now)
        if news:
            for incident in observe(self.ports, news, now=now):
                self.heard(incident)
            self._told.tell(news, now=now)
        return signals

    def _signals(self, objects: Sequence[dict[str, Any]], now: str) -> list[Signal]:
        """The signals of all objects that can be understood; one that can't be is said, and hides no other."""
        understood = list(objects)
        for _ in range(len(understood)):
            try:
                return signals_from_objects(understood, self.cluster.name, now)
            except BadInput:
                understood = [obj for obj in understood if self._understood(obj, now)]
        return []

    def _understood(self, obj: dict[str, Any], now: str) -> bool:
        try:
            signals_from_objects([obj], self.cluster.name, now)
        except BadInput as error:
            self._refused += 1
            self._note("an object isn't understood", one_line(str(error), limit=300))
            return False
        return True

    def _fail(self, said: str) -> None:
        """What wasn't observed is seen again at the next look at everything, which comes soon."""
        self._failures += 1
        self._due = monotonic() + min(LONGEST_WAIT_SECONDS, 2.0 ** min(self._failures, 6))
        self._note("watch", said)

    def _note(self, name: str, said: str) -> None:
        if self.troubles.get(name, "") == said:
            return
        self.say(f"{name}: {said or 'goes on again'}")
        if said:
            self.troubles[name] = said
        else:
            self.troubles.pop(name, None)
