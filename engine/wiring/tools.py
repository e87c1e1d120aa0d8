"""The tools and folders that every part of the wiring needs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from engine.ports import Scanner
from engine.settings import Settings, tool_environment

Say = Callable[[str], None]


def quiet(_text: str) -> None:
    """Says nothing."""


def shipped(name: str) -> Path:
    """A folder that comes with the gate: ``policies``, ``runbooks`` or ``gitops``."""
    from engine.adapters.tools.shipped import shipped as find

    return find(name)


def obtain_tool(settings: Settings, name: str, *, say: Say = quiet) -> Path:
    """The path of ``opa``, ``kustomize`` or ``helm``, found, fetched or built."""
    from engine.adapters.tools.obtain import obtain

    return obtain(name, cache=settings.cache, environment=tool_environment(), say=say)


def scanner(settings: Settings, held: ExitStack) -> Scanner | None:
    """What scans changes, warming up; ``None`` where that is off."""
    if not settings.scan_changes:
        return None
    from engine.adapters.scan.checkov import CheckovScanner

    return held.enter_context(CheckovScanner())
