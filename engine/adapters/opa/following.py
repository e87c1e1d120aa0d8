"""Policy that lives on the protected branch: what was merged there decides, and what a pull request says of it doesn't.

It is read from the branch's own commit, when the gate opens and whenever it looks again. A policy that was merged
and can't be loaded leaves no older one in force: nothing is decided until it is mended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Self

from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import NotFound, PenstockError, UnfitBundle
from engine.ports import GitRepository


class FollowingPolicyEngine:
    """Answers with the policy that a branch holds at ``places``: paths in the repository, by what they are for.

    ``load`` makes the evaluator of those paths laid out on disk. Raises :class:`UnfitBundle` on entering when it can't.
    """

    def __init__(
        self, source: GitRepository, branch: str, places: Mapping[str, str], load: Callable[[dict[str, Any]], Any]
    ) -> None:
        self._source = source
        self._branch = branch
        self._places = places
        self._load = load
        self._commit = ""
        self._engine: Any = None
        self._trouble = ""

    def __enter__(self) -> Self:
        self.follow()
        self._present()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the evaluator."""
        if isinstance(self._engine, AbstractContextManager):
            self._engine.__exit__(None, None, None)
        self._engine = None

    def follow(self) -> None:
        """Take the policy that the branch holds now. Where that can't be loaded, every later answer says why."""
        try:
            commit = self._source.head(self._branch)
            if commit == self._commit and not self._trouble:
                return
            self.close()
            made = self._laid_out(commit)
            self._engine = made.__enter__() if isinstance(made, AbstractContextManager) else made
            self._commit, self._trouble = commit, ""
        except PenstockError as error:
            self.close()
            self._trouble = str(error)

    def _laid_out(self, commit: str) -> Any:
        with ExitStack() as held:
            found: dict[str, Any] = {}
            for name, path in self._places.items():
                if not self._source.paths(commit, path):
                    remedy = "Merge it there, or name another place"
                    raise NotFound(f"the branch holds no {path}", where=self._branch, remedy=remedy)
                found[name] = Path(held.enter_context(self._source.materialise(commit, path))) / path
            return self._load(found)

    def identity(self) -> PolicyIdentity:
        """Which policy answers now."""
        identity: PolicyIdentity = self._present().identity()
        return identity

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of the branch's policy data."""
        topics: dict[str, Any] = self._present().data(topic)
        return topics

    def decide(self, document: bytes) -> Verdict:
        """The verdict of the branch's policy."""
        verdict: Verdict = self._present().decide(document)
        return verdict

    def _present(self) -> Any:
        if self._engine is None:
            remedy = "Mend it on the branch, or revert what was merged; penstock policy check tells what is wrong"
            raise UnfitBundle(f"can't be loaded: {self._trouble}", where=f"policy of {self._branch}", remedy=remedy)
        return self._engine
