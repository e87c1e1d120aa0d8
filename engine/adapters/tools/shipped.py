"""Where the policies, runbooks and other files that come with the gate are.

An installed package carries them inside; a clone has them at its root.
"""

from __future__ import annotations

from pathlib import Path

from engine.core.errors import BadInput

_ENGINE = Path(__file__).resolve().parents[2]


def shipped(name: str) -> Path:
    """The shipped folder ``name`` (``policies``, ``runbooks``). Raises :class:`BadInput` when it isn't there."""
    for place in (_ENGINE / "_shipped" / name, _ENGINE.parent / name):
        if place.exists():
            return place
    raise BadInput(f"{name} did not come with this installation", where=str(_ENGINE), remedy="Install penstock again")
