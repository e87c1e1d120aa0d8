"""Analysing each incident as it begins, in a thread of its own: a model that takes its time keeps nobody waiting.

The desk's lock is held while cluster and Git are looked at, as for any call, and let go before the analyst is asked. An
incident is tried a few times and then left to whoever asks for it; the others go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread

from engine.core.errors import PenstockError
from engine.entrypoints.web.desk import Desk
from engine.usecases.analyse import conclude, prepare, unanalysed

PAUSE_SECONDS = 2.0
ATTEMPTS = 3
LEAVE_SECONDS = 5.0
TROUBLE = "analysis"


@dataclass
class Analysing:
    """Runs while it is entered."""

    desk: Desk
    say: Callable[[str], None]
    _tried: Counter[str] = field(default_factory=Counter)
    _leaving: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Analysing:
        """Begin."""
        self._thread = Thread(target=self._run, name="analysing", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End. What an analyst is still thinking of is let go; nothing of it is stored by halves."""
        self._leaving.set()
        if self._thread is not None:
            self._thread.join(LEAVE_SECONDS)

    def round(self) -> int:
        """Analyse every incident that waits for it, where this gate leads, and say how many were."""
        done = 0
        for incident in unanalysed(self.desk.gate.ports) if self.desk.pulse.leads else ():
            if self._leaving.is_set() or self._tried[incident.id] >= ATTEMPTS:
                continue
            self._tried[incident.id] += 1
            with self.desk.acting:
                prepared = prepare(self.desk.gate.ports, incident.id, now=self.desk.now())
            conclude(self.desk.gate.ports, prepared, now=self.desk.now())
            done += 1
        return done

    def _run(self) -> None:
        troubles = self.desk.pulse.troubles
        while not self._leaving.is_set():
            try:
                self.round()
                troubles.pop(TROUBLE, None)
            except PenstockError as error:
                self._told(str(error))
            except Exception as error:  # noqa: BLE001  the end of this thread's stack: the others are still to be analysed
                self._told(f"failed: {type(error).__name__}")
            self._leaving.wait(PAUSE_SECONDS)

    def _told(self, said: str) -> None:
        if self.desk.pulse.troubles.get(TROUBLE) != said:
            self.desk.pulse.troubles[TROUBLE] = said
            self.say(f"{TROUBLE}: {said}")
