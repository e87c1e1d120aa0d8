"""The corpus of raw commands, one case a command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Case:
    """A command with what it has to be."""

    command: str
    expect: str
    code: str = ""
    kinds: tuple[str, ...] = ()


def read_corpus() -> list[Case]:
    groups = yaml.safe_load((Path(__file__).parent / "commands.yaml").read_text())
    return [
        Case(command, group["expect"], group.get("code", ""), tuple(group.get("kinds", ())))
        for group in groups
        for command in group["commands"]
    ]
