"""Ask the cluster what it would make of a change, before anybody opens it.

A quota, a schema or another admission policy would refuse it after the merge, when people have already said yes. So
the very object that was rendered is applied as a dry run, and one that the change takes away is deleted as one. The
answer is a fact. What the cluster says is text from outside: policy sees that it said no and not what it said, and
people are shown the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.decision import Quote
from engine.core.errors import DryRunRefused, DryRunUntried
from engine.core.input_document import DryRunState
from engine.core.untrusted import one_line
from engine.ports import DryRun

REFUSED, UNTRIED = "change/dry_run", "change/dry_run_tried"
CLUSTER = "the cluster"
TEXT = 400


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it; ``quotes`` are the words of whoever refused."""

    state: DryRunState
    quotes: tuple[Quote, ...] = ()


def dry_run_change(
    asked: DryRun | None, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, namespace: str
) -> Tried:
    """What the cluster says of an object as a change makes it; ``namespace`` is where one without its own goes.

    Of an object that the change takes away ``after`` is ``None``, and whether ``before`` may go is asked.
    """
    if asked is None:
        return Tried("off")
    try:
        if after is not None:
            asked.apply(placed(after, namespace))
        elif before is not None:
            asked.remove(placed(before, namespace))
        else:
            return Tried("not_needed")
    except DryRunRefused as error:
        return Tried("refused", (_quote(REFUSED, error.message),))
    except DryRunUntried as error:
        return Tried("untried", (_quote(UNTRIED, str(error)),))
    return Tried("passed")


def placed(obj: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """The object with its own namespace, or the one it is rendered for."""
    metadata = dict(obj.get("metadata") or {})
    if namespace:
        metadata.setdefault("namespace", namespace)
    return {**obj, "metadata": metadata}


def _quote(rule: str, text: str) -> Quote:
    return Quote(rule=rule, by=CLUSTER, text=one_line(text, limit=TEXT))
