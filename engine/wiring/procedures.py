"""Which runbooks are followed: those of a folder, or those of the protected branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.classification import RunbookIndex
from engine.settings import Settings
from engine.wiring.forges import repository
from engine.wiring.tools import shipped

if TYPE_CHECKING:
    from engine.wiring import Gate


def runbooks(settings: Settings, opened: Any = None) -> RunbookIndex:
    """The runbooks, by what they are triggered by; ``opened`` is the GitOps repository where that is open already."""
    if settings.runbooks_on_branch:
        from engine.adapters.runbooks.following import FollowedRunbooks

        source = repository(settings) if opened is None else opened
        return FollowedRunbooks(source, settings.branch, settings.runbooks_on_branch)
    from engine.adapters.runbooks.folder import load_runbooks

    return RunbookIndex(load_runbooks(settings.runbooks or shipped("runbooks")))


def asked_runbooks(settings: Settings, opened: Any = None) -> RunbookIndex:
    """The same for one question: only a runbook that is asked for is held against the catalogue of actions.

    Building the parameters of every kind takes longer than the answer. Whoever acts checks all of them first.
    """
    if settings.runbooks_on_branch:
        return runbooks(settings, opened)
    from engine.adapters.runbooks.folder import FILE, load_runbook, load_runbooks

    folder = settings.runbooks or shipped("runbooks")
    return RunbookIndex(load_runbooks(folder, checked=False), confirm=lambda asked: load_runbook(folder / asked / FILE))


def runbooks_stale(gate: Gate) -> str:
    """Why the runbooks that are there aren't followed, and earlier ones are; empty when they are."""
    from engine.adapters.runbooks.following import FollowedRunbooks

    books = gate.ports.runbooks
    return books.stale if isinstance(books, FollowedRunbooks) else ""
