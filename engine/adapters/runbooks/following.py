"""Runbooks that live on the protected branch: what was merged there is followed, and what a pull request says isn't.

One that was merged and can't be read leaves the last good ones in force, unlike policy: without policy nothing may be
decided, but without runbooks every incident would be novel in the middle of a night.
"""

from __future__ import annotations

from pathlib import Path

from engine.adapters.runbooks.folder import load_runbooks
from engine.core.classification import Classification, Matches, RunbookIndex
from engine.core.errors import BadInput, NotFound, PenstockError
from engine.core.runbook import Runbook
from engine.core.signal import Signal
from engine.ports import GitRepository


class FollowedRunbooks(RunbookIndex):
    """The index of the runbooks that a branch holds below ``place``, as it was when they could last be read.

    ``stale`` says why those that are there now aren't followed; empty while they are. Raises :class:`BadInput` or
    :class:`NotFound` where there are none to begin with.
    """

    def __init__(self, source: GitRepository, branch: str, place: str) -> None:
        self._source, self._branch, self._place = source, branch, place
        self._commit = self.stale = ""
        self._now = RunbookIndex(())
        self._take()

    @property
    def runbooks(self) -> dict[str, Runbook]:  # type: ignore[override]
        """Those in force, by id."""
        return self._now.runbooks

    def follow(self) -> None:
        """Take those that the branch holds now, all of them or none."""
        try:
            self._take()
            self.stale = ""
        except PenstockError as error:
            self.stale = str(error)

    def get(self, incident_class: str) -> Runbook | None:
        """The runbook of a class, or ``None``."""
        return self._now.get(incident_class)

    def matching(self, signal: Signal) -> dict[str, int]:
        """As :meth:`RunbookIndex.matching`."""
        return self._now.matching(signal)

    def observe(self, known: Matches, signal: Signal) -> Matches:
        """As :meth:`RunbookIndex.observe`."""
        return self._now.observe(known, signal)

    def conclude(self, known: Matches) -> Classification:
        """As :meth:`RunbookIndex.conclude`."""
        return self._now.conclude(known)

    def lane(self, signal: Signal) -> str:
        """As :meth:`RunbookIndex.lane`."""
        return self._now.lane(signal)

    def conflicts(self) -> list[str]:
        """As :meth:`RunbookIndex.conflicts`."""
        return self._now.conflicts()

    def _take(self) -> None:
        commit = self._source.head(self._branch)
        if commit == self._commit:
            return
        if not self._source.paths(commit, self._place):
            remedy = "Merge them there, or name another place"
            raise NotFound(f"the branch holds no {self._place}", where=self._branch, remedy=remedy)
        with self._source.materialise(commit, self._place) as folder:
            found = RunbookIndex(load_runbooks(Path(folder) / self._place))
        if conflicts := found.conflicts():
            raise BadInput(conflicts[0], where=self._place, remedy="Run penstock runbooks check")
        self._now, self._commit = found, commit
