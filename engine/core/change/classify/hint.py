"""What a difference hints at: a kind of the catalogue and parameters, still to be proved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Hint:
    """One action that may have been meant."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)


def changed(before: Any, after: Any) -> dict[str, Any]:
    """The entries of a mapping that are new or other afterwards; what isn't a mapping has none."""
    old, new = (value if isinstance(value, dict) else {} for value in (before, after))
    return {key: value for key, value in new.items() if key not in old or old[key] != value}
