"""A forge's repository, read from a bare copy on this machine so that a decision needs no checkout and no upload.

The copy is a cache: it holds nothing that the forge doesn't, and may be deleted while nothing runs. Commits are made
in it like in any repository of the gate's and reach the forge by a push that names what it expects to find there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.adapters.git.objects import is_full_id
from engine.adapters.git.opening import create_bare
from engine.adapters.git.refs import check_ref
from engine.adapters.git.repository import ObjectRepository
from engine.adapters.git.transport import Transport
from engine.core.errors import BadInput, ForgeRefused, ForgeUnreachable, LostRace, MissingPermission, NotFound

FRESH_SECONDS = 5.0
FETCH_SECONDS = 900.0
PUSH_SECONDS = 120.0
LOCK_SECONDS = 120.0
PULL_REFS = "refs/penstock/pull/"
_FETCH = ("fetch", "--quiet", "--no-tags", "--force", "--no-write-fetch-head", "--no-recurse-submodules")


class Mirror(ObjectRepository):
    """The repository at one address, with its branch ``branch`` and the gate's own branches.

    Its :meth:`head` is the forge's, at most ``FRESH_SECONDS`` old: where the forge can't be asked, it raises instead
    of answering from what was known once.
    """

    def __init__(
        self,
        transport: Callable[[Path], Transport],
        folder: Path,
        *,
        branch: str = "main",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_ref(f"refs/heads/{branch}")
        with suppress(BadInput):  # another process made it in the meantime; opening it says if it isn't one
            if not folder.exists():
                create_bare(folder, branch=branch)
        super().__init__(folder, wait_seconds=LOCK_SECONDS)
        self._transport = transport(folder)
        self._branch = branch
        self._clock = clock
        self._refreshed: float | None = None
        self.location = self._transport.url

    def head(self, branch: str) -> str:
        """The commit a branch points at on the forge. Raises :class:`NotFound` or :class:`ForgeTrouble`."""
        if self._refreshed is None or self._clock() - self._refreshed > FRESH_SECONDS:
            self.refresh()
        return super().head(branch)

    def refresh(self) -> None:
        """Fetch the base branch and the gate's branches; those that are gone there are gone here.

        Raises :class:`NotFound` when the forge has no such base branch, and :class:`ForgeTrouble`.
        """
        began = self._clock()
        base = f"+refs/heads/{self._branch}:refs/heads/{self._branch}"
        own = "+refs/heads/penstock/*:refs/heads/penstock/*"
        with self.exclusive():
            self._transport.run([*_FETCH, "--prune", self._transport.url, base, own], seconds=FETCH_SECONDS)
        self._refreshed = began

    def pull_head(self, number: int) -> str:
        """Fetch the head of one pull request, wherever its branch is, and return it.

        Raises :class:`NotFound` or :class:`ForgeTrouble`.
        """
        kept = f"{PULL_REFS}{number}"
        with self.exclusive():
            wanted = f"+refs/pull/{number}/head:{kept}"
            self._transport.run([*_FETCH, self._transport.url, wanted], seconds=FETCH_SECONDS)
        found = self.ref(kept)
        if found is None:
            raise NotFound("it has no head", where=f"pull request {number}")
        return found

    def bring(self, commit: str, number: int) -> None:
        """Have a commit of a pull request here, wherever its branch is.

        The commit itself is asked for first, because a server may name a pull request's head a little later than the
        branch has it. Raises :class:`NotFound` or :class:`ForgeTrouble`.
        """
        if is_full_id(commit) and self._objects.has(commit):
            return
        if not is_full_id(commit):
            raise NotFound("not a full commit id", where=f"pull request {number}")
        try:
            with self.exclusive():
                wanted = f"+{commit}:{PULL_REFS}{number}"
                self._transport.run([*_FETCH, self._transport.url, wanted], seconds=FETCH_SECONDS)
        except (ForgeUnreachable, NotFound):  # a server that gives out only what a ref names
            self.pull_head(number)

    def push(self, commit: str | None, ref: str, expected_old: str | None) -> None:
        """Make a ref on the forge be ``commit``, where it is ``expected_old``; ``None`` is for one that isn't there.

        Raises :class:`LostRace` when it was elsewhere, :class:`ForgeRefused` when the forge declines it for another
        reason, and :class:`ForgeTrouble`; nothing has moved then.
        """
        check_ref(ref)
        for each in (commit, expected_old):
            if each is not None and not is_full_id(each):
                raise BadInput("not a full commit id", where=ref)
        if commit is not None:
            self.describe(commit)
        lease = f"--force-with-lease={ref}:{expected_old or ''}"
        asked = ["push", "--porcelain", "--no-verify", lease, self._transport.url, f"{commit or ''}:{ref}"]
        with self.exclusive():
            answer = self._transport.run(asked, seconds=PUSH_SECONDS, accepted=(0, 1))
            declined = next((line for line in answer.output.splitlines() if line.startswith("!")), None)
            if declined is not None or answer.code:
                raise _declined(declined or "the push failed", ref)
        with suppress(LostRace):  # the forge has it; what is known here catches up with the next refresh
            self.move(ref, self.ref(ref), commit)


def _declined(line: str, ref: str) -> ForgeRefused | MissingPermission:
    """Why a push was declined, out of the line that ``git push --porcelain`` has for it."""
    reason = line.rsplit("\t", 1)[-1]
    if "stale info" in reason or "fetch first" in reason or "failed to update ref" in reason:
        remedy = "Look at what is there now, and try again"
        return LostRace("it is elsewhere on the forge: somebody else moved it", where=ref, remedy=remedy)
    if "protected branch" in reason or "pre-receive hook declined" in reason:
        return MissingPermission(f"the forge declines the push: {reason}", where=ref, remedy="Let the gate push there")
    return ForgeRefused(f"the forge declines the push: {reason}", where=ref)
