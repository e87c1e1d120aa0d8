"""Classify: the typed actions that an edit made by hand comes to, proved, or one action that says it is none of them.

A difference is only a hint. What the hinted actions intend is worked out from the object before, as it would be for a
proposal, and has to give exactly the object after. So a field that no action speaks of can't hide beside one that an
action does: the whole edit is then novel.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from engine.core import canonical
from engine.core.action.catalogue import check
from engine.core.change.classify import access, configuration, workload
from engine.core.change.classify.hint import Hint
from engine.core.change.fields import same
from engine.core.change.identity import Object
from engine.core.change.intend.intention import intend
from engine.core.change.intend.situation import ChangeContext, Situation
from engine.core.change.intend.workload import RESTARTED
from engine.core.errors import BadInput, ChangeRefused
from engine.core.proposal import ActionRequest, TargetReference

MOST = 10
BY_HAND = "edit_by_hand"

_HINTS: tuple[Callable[[Any, Any], Iterator[Hint]], ...] = (workload.hints, configuration.hints, access.hints)


def classify(target: TargetReference, before: Object | None, after: Object | None) -> tuple[ActionRequest, ...]:
    """The actions that make ``after`` of ``before`` (``None``: it isn't there); none where nothing differs."""
    if same(before, after):
        return ()
    if after is None:
        return (ActionRequest(kind="delete_resource", target=target),)
    if before is None:
        return (by_hand(target, "add", after),)
    try:
        hints = [hint for hints in _HINTS for hint in hints(before, after)]
        actions = tuple(ActionRequest(kind=hint.kind, target=target, params=hint.params) for hint in hints)
        proved = 0 < len(actions) <= MOST and same(_done(actions, before, _now(after)), after)
    except (BadInput, ChangeRefused, ValueError, TypeError, AttributeError, KeyError):
        proved = False  # an object of another shape than its kind has is novel, whatever is wrong with it
    return actions if proved else (by_hand(target, "change", [before, after]),)


def by_hand(target: TargetReference, operation: str, content: Any) -> ActionRequest:
    """The action of an edit that can't be classified, bound to all it does by a digest of ``content``."""
    text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=True)
    params = {"operation": operation, "digest": canonical.digest_bytes(text.encode())}
    return ActionRequest(kind=BY_HAND, target=target, params=params)


def _done(actions: tuple[ActionRequest, ...], before: Object, now: str) -> Object | None:
    current: Object | None = before
    for action in actions:
        if current is None:
            return None
        context = ChangeContext(now=now, cluster=action.target.cluster)
        current = intend(Situation(check(action), current, context)).after
    return current


def _now(after: Any) -> str:
    """When a restart says that it was: the one moment that an action writes into an object."""
    template = (after.get("spec") or {}).get("template") or {}
    return str(((template.get("metadata") or {}).get("annotations") or {}).get(RESTARTED, ""))
