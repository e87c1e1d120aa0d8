"""Analysing each incident as it begins, beside the loop: a model that takes its time keeps nobody waiting.

The desk's lock is held while cluster and Git are looked at, as for any call, and let go before the analyst is asked. An
incident is tried a few times and then left to whoever asks for it; the others go on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

from engine.entrypoints.web.aside import Aside
from engine.usecases.analyse import conclude, prepare, unanalysed

ATTEMPTS = 3


@dataclass
class Analysing(Aside):
    """Analyses what began, while it is entered."""

    trouble: ClassVar[str] = "analysis"
    _tried: Counter[str] = field(default_factory=Counter)

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
