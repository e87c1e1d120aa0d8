"""The pull requests of one repository, each on a ref of its own whose history is the pull request's history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from engine.adapters.forge.branch_store import BranchStore
from engine.adapters.forge.pull_document import FILES, Pull, read_pull
from engine.core.errors import BadInput, LostRace, NotFound

GATE = "penstock <penstock@localhost>"
PULLS = "refs/penstock/pulls/"
NUMBER_ATTEMPTS = 20

_REF = re.compile(re.escape(PULLS) + r"([1-9][0-9]{0,8})/meta")


class Pulls:
    """Reads and writes pull requests. What a commit holds never changes, so each is read once."""

    def __init__(self, store: BranchStore) -> None:
        self._store = store
        self._at = lru_cache(maxsize=4096)(self._read_at)

    def newest_first(self) -> Iterator[Pull]:
        """All of them, those that are still opening included."""
        refs = self._store.refs(PULLS)
        for number in sorted(_numbers(refs), reverse=True):
            yield self._at(refs[_ref(number)], number)

    def get(self, number: int) -> Pull:
        """One that people may be shown. Raises :class:`NotFound`."""
        commit = self._store.ref(_ref(number)) if 0 < number < 10**9 else None
        pull = self._at(commit, number) if commit is not None else None
        if pull is None or pull.details.state == "opening":
            raise NotFound("there is no such pull request", where=f"pull request {number}")
        return pull

    def allot(self, pull: Pull, at: str) -> Pull:
        """Give a new one the next free number, by being the first to make its ref. Raises :class:`LostRace`."""
        for _ in range(NUMBER_ATTEMPTS):
            numbered = pull.with_details(number=max(_numbers(self._store.refs(PULLS)), default=0) + 1)
            commit = self._store.snapshot(numbered.files(), (), message="Begin", author=GATE, at=at)
            try:
                self._store.move(_ref(numbered.details.number), None, commit)
            except LostRace:
                continue
            return numbered
        raise LostRace("every next number was taken first", where=PULLS, remedy="Try again")

    def write(self, before: Pull, after: Pull, subject: str, at: str) -> Pull:
        """Write what changed, if anything did, as the next commit of its ref. Raises :class:`LostRace`."""
        if after == before:
            return after
        ref = _ref(after.details.number)
        tip = self._store.ref(ref)
        parents = (tip,) if tip is not None else ()
        commit = self._store.snapshot(after.files(), parents, message=subject, author=GATE, at=at)
        self._store.move(ref, tip, commit)
        return after

    def last_written(self, number: int) -> str:
        """When its ref last moved, as the commit there says."""
        commit = self._store.ref(_ref(number))
        return self._store.describe(commit).at if commit is not None else ""

    def _read_at(self, commit: str, number: int) -> Pull:
        pull = read_pull({name: self._store.read(commit, name) for name in FILES}, where=_ref(number))
        if pull.details.number != number:
            raise BadInput(f"number: says {pull.details.number}", where=_ref(number), remedy="Restore the ref")
        return pull


def _ref(number: int) -> str:
    return f"{PULLS}{number}/meta"


def _numbers(refs: Iterable[str]) -> list[int]:
    matches = (_REF.fullmatch(name) for name in refs)
    return [int(match[1]) for match in matches if match is not None]
