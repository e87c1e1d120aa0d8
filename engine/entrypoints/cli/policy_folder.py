"""Which policies folder an author means, and what works on it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.entrypoints.cli.output import say
from engine.settings import Settings, read_settings, tool_environment

if TYPE_CHECKING:
    from engine.adapters.opa.workbench import Workbench

Folder = Annotated[
    Path | None, typer.Option("--policies", help="The policies folder; the shipped one unless given or set.")
]


def workbench(given: Path | None) -> Workbench:
    """The checks on the folder that is meant."""
    from engine.adapters.opa.workbench import Workbench

    settings = read_settings()
    found = shutil.which("regal", path=tool_environment().get("PATH"))
    root = folder_of(given, settings).resolve()
    return Workbench(root, opa=opa_of(settings), cache=settings.cache, regal=Path(found) if found else None)


def folder_of(given: Path | None, settings: Settings) -> Path:
    """The folder given, or the one that is set, or the shipped one."""
    from engine.adapters.tools.shipped import shipped

    return given or settings.policies or shipped("policies")


def opa_of(settings: Settings) -> Path:
    """The pinned binary."""
    from engine.adapters.tools.obtain import obtain

    return obtain("opa", cache=settings.cache, environment=tool_environment(), say=say)
