"""What ``decide`` and ``propose`` share: reading a proposal file, and settings with options laid over them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core.errors import BadInput, LedgerUnavailable
from engine.core.proposal import Proposal, read_proposal
from engine.settings import Settings, read_settings

if TYPE_CHECKING:
    from engine.wiring import Gate


def read_file(file: Path) -> Proposal:
    """The proposal in a file, or on standard input for ``-``."""
    return read_proposal(read_bytes(file), where="standard input" if str(file) == "-" else str(file))


def read_bytes(file: Path, *, limit: int = 1_048_576) -> bytes:
    """A file's bytes, or standard input's for ``-``: at most one more than what its reader takes."""
    if str(file) == "-":
        return sys.stdin.buffer.read(limit + 1)
    try:
        with file.open("rb") as opened:
            return opened.read(limit + 1)
    except OSError as error:
        raise BadInput(error.strerror or "can't be read", where=str(file), remedy="Give a readable JSON file") from None


def given(
    *, snapshot: Path | None = None, repo: Path | None = None, data: Path | None = None, state: Path | None = None
) -> Settings:
    """The environment's settings with what was given on the command line laid over them."""
    options: dict[str, Any] = {"snapshot": snapshot, "repo": repo, "data": data, "state": state}
    return replace(read_settings(), **{name: value for name, value in options.items() if value is not None})


@contextmanager
def refusal_kept(settings: Settings, proposal: Proposal, at: str | None) -> Iterator[None]:
    """Where the ledger can't even be opened, the refusal goes to the spool before the error goes on."""
    from engine import wiring

    try:
        yield
    except LedgerUnavailable as error:
        with suppress(LedgerUnavailable):
            wiring.spool_refusal(settings, proposal, error, now=wiring.instant(at))
        raise


def who(settings: Settings) -> str:
    """Who sits at this shell: the identity that is set, or the user of the system."""
    import getpass

    return settings.identity or getpass.getuser()


@contextmanager
def acting(settings: Settings, *, needs_cluster: bool = True) -> Iterator[Gate]:
    """A gate that acts, and that tells people at the end what came of it; what can't be told waits in the outbox."""
    from engine import wiring
    from engine.usecases.dispatch import dispatch

    with wiring.gate(settings, acting=True, needs_cluster=needs_cluster) as gate:
        try:
            yield gate
        finally:
            with suppress(LedgerUnavailable):
                dispatch(gate.ports.ledger, gate.ports.notifiers, now=gate.instant(None))
