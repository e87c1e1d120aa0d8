"""What the gate says on a head commit: the required check, as every forge can show it.

A forge may know rich checks or only a state with a line of text; the report carries all of it, and an adapter shows
what its forge has room for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CHECK_NAME = "penstock/gate"

CheckState = Literal["pending", "success", "failure"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A sentence on changed lines, counted from 1, both ends included."""

    path: str
    first_line: int
    last_line: int
    level: Literal["notice", "warning", "failure"]
    message: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """State, headline (one line), text (Markdown, the tree of rules) and annotations for one head commit.

    ``marker`` binds the report to its decision, so that one the gate didn't write can be told apart.
    """

    state: CheckState
    title: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    marker: str = ""
