"""Policy that is taken anew while the gate serves, whole or not at all.

What is new is verified, built and tried beside the policy in force, which decides until the new one is ready. A new
policy that isn't fit changes nothing: the last good one stays, and whoever asks how the gate is hears that it is stale.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from engine.adapters.opa.policy_tree import read_policies
from engine.core import canonical
from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import BadInput, PenstockError, UnfitBundle


@dataclass(frozen=True, slots=True)
class Loaded:
    """An evaluator with the bytes of the archive that an OPA server would load to answer as it does.

    ``fingerprint`` is that of the place as it was read.
    """

    engine: Any
    archive: bytes
    fingerprint: str

    @property
    def tag(self) -> str:
        """What the archive is known by: ``sha256:`` of its bytes."""
        return canonical.digest_bytes(self.archive)


class ReloadingPolicyEngine:
    """Answers with the last fit policy of a place that is looked at again and again.

    ``look`` gives a fingerprint of what lies there, ``load`` what it makes, and ``last`` what was accepted before
    this process began, or ``None``. :meth:`prepare` is called by one thread; the rest is safe from any.
    """

    def __init__(
        self, look: Callable[[], str], load: Callable[[], Loaded], last: Callable[[], Loaded | None] = lambda: None
    ) -> None:
        self._look = look
        self._load = load
        self._last = last
        self._now: Loaded | None = None
        self._next: Loaded | None = None
        self._taken = self._seen = self._coming = self._refused = ""
        self._trouble = ""

    def __enter__(self) -> Self:
        """Load what is there, or else what was accepted last. Raises :class:`UnfitBundle` when there is neither."""
        try:
            self._now = _entered(self._load())
            self._taken = self._now.fingerprint
        except UnfitBundle as error:
            before = self._last()
            if before is None:
                raise
            self._refused, self._trouble = self._look(), str(error)
            self._now = _entered(before)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the evaluators."""
        for loaded in (self._now, self._next):
            _left(loaded)
        self._now = self._next = None

    @property
    def stale(self) -> str:
        """Why what is there isn't in force; empty when it is."""
        return self._trouble

    def prepare(self) -> bool:
        """Make ready what is there now, if it is new and was the same the time before; whether :meth:`take` is due."""
        try:
            found = self._look()
        except PenstockError as error:
            self._drop()
            self._seen, self._trouble = "", str(error)
            return False
        settled, self._seen = found == self._seen, found
        if found == self._taken:
            self._drop()
        elif settled and found not in (self._refused, self._coming):
            self._make_ready(found)
        return self._next is not None

    def take(self) -> None:
        """Put what was prepared in force. A decision that is under way ends with the policy it began with."""
        if self._next is None:
            return
        before, self._now, self._next = self._now, self._next, None
        self._taken, self._coming, self._refused, self._trouble = self._coming, "", "", ""
        _left(before)

    def offered(self) -> Loaded:
        """The policy in force, with its archive."""
        if self._now is None:
            raise UnfitBundle("isn't loaded", where="policy", remedy="Start the gate again")
        return self._now

    def identity(self) -> PolicyIdentity:
        """Which policy answers now."""
        identity: PolicyIdentity = self.offered().engine.identity()
        return identity

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of the policy's data."""
        topics: dict[str, Any] = self.offered().engine.data(topic)
        return topics

    def decide(self, document: bytes) -> Verdict:
        """The verdict of the policy in force."""
        verdict: Verdict = self.offered().engine.decide(document)
        return verdict

    def _make_ready(self, found: str) -> None:
        self._drop()
        try:
            self._next, self._coming = _entered(self._load()), found
        except (UnfitBundle, BadInput) as error:
            self._refused, self._trouble = found, str(error)
        except PenstockError as error:
            self._trouble = str(error)

    def _drop(self) -> None:
        _left(self._next)
        self._next, self._coming, self._trouble, self._refused = None, "", "", ""


def folder_fingerprint(policies: Path, overlay: Path | None) -> str:
    """What tells one state of a policies folder from another. Raises :class:`BadInput` when it can't be read."""
    return read_policies(policies, overlay).digest


def archive_fingerprint(archive: Path) -> str:
    """What tells one archive from another. Raises :class:`BadInput` when it can't be read."""
    try:
        return canonical.digest_bytes(archive.read_bytes())
    except OSError as error:
        problem, remedy = f"can't be read ({error.strerror})", "Put the bundle back, or name another"
        raise BadInput(problem, where=str(archive), remedy=remedy) from None


def _entered(loaded: Loaded) -> Loaded:
    if isinstance(loaded.engine, AbstractContextManager):
        loaded.engine.__enter__()
    return loaded


def _left(loaded: Loaded | None) -> None:
    if loaded is not None and isinstance(loaded.engine, AbstractContextManager):
        loaded.engine.__exit__(None, None, None)
