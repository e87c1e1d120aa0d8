"""Work beside the loop, in a thread of its own: what takes its time keeps nobody waiting.

What goes wrong is said once and shown among the troubles, and the thread goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import ClassVar, Self

from engine.core.errors import PenstockError
from engine.entrypoints.web.desk import Desk

PAUSE_SECONDS = 2.0
LEAVE_SECONDS = 5.0


@dataclass
class Aside:
    """Runs while it is entered; ``trouble`` is what its troubles are called."""

    desk: Desk
    say: Callable[[str], None]
    trouble: ClassVar[str]
    _leaving: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._thread = Thread(target=self._run, name=self.trouble, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End. What is still under way is let go; nothing of it is stored by halves."""
        self._leaving.set()
        if self._thread is not None:
            self._thread.join(LEAVE_SECONDS)

    def round(self) -> int:
        """Do everything that waits to be done, and say how much that was."""
        raise NotImplementedError

    def _run(self) -> None:
        troubles = self.desk.pulse.troubles
        while not self._leaving.is_set():
            try:
                self.round()
                troubles.pop(self.trouble, None)
            except PenstockError as error:
                self._told(str(error))
            except Exception as error:  # noqa: BLE001  the end of this thread's stack: the next is still to be done
                self._told(f"failed: {type(error).__name__}")
            self._leaving.wait(PAUSE_SECONDS)

    def _told(self, said: str) -> None:
        if self.desk.pulse.troubles.get(self.trouble) != said:
            self.desk.pulse.troubles[self.trouble] = said
            self.say(f"{self.trouble}: {said}")
