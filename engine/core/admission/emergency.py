"""Break-glass: a person's write to the cluster while Git or the gate can't be waited for.

It is open to one group alone, which agents can't be in, and the write says on the object itself who, why and until
when. The API server judges that without the gate, so it holds when the gate is gone; the gate reads it there when it
is back, and what was done is drift until Git says the same or it was put back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.errors import BadInput
from engine.core.moment import parse_instant
from engine.core.untrusted import one_line

BY, REASON, UNTIL = (f"penstock.dev/break-glass-{word}" for word in ("by", "reason", "until"))
SHORTEST_REASON = 10
LONGEST_HOURS = 4
NAMELESS = (
    "penstock: an emergency write carries penstock.dev/break-glass-by (yourself), -reason (a sentence) and -until "
    f"(at most {LONGEST_HOURS} hours from now), and deletes nothing"
)
NOT_YOURS = "penstock: only who may break the glass says on an object that the glass was broken"


@dataclass(frozen=True, slots=True)
class Emergency:
    """What a person said who wrote to the cluster in an emergency; ``until`` is RFC 3339."""

    by: str
    reason: str
    until: str


def read_emergency(obj: Mapping[str, Any] | None) -> Emergency | None:
    """What an object says of an emergency; ``None`` where it says nothing, or not all of it."""
    said = ((obj or {}).get("metadata") or {}).get("annotations") or {}
    texts = [text for name in (BY, REASON, UNTIL) if isinstance(text := said.get(name), str) and text]
    if len(texts) < 3:
        return None
    by, reason, until = texts
    try:
        parse_instant(until)
    except BadInput:
        return None
    return Emergency(one_line(by, limit=200), one_line(reason, limit=300), one_line(until, limit=40))


def in_group(groups: Sequence[str]) -> str:
    """CEL that holds of a write by somebody of the group."""
    return f"has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in {json.dumps(list(groups))})"


def held(groups: Sequence[str]) -> str:
    """CEL that holds of an emergency write, and of whoever else claims one. The cluster's own controllers copy it."""
    return f"({in_group(groups)}) || (({_CLAIMS}) && !({_CONTROLLERS}))"


def validations(groups: Sequence[str]) -> list[dict[str, Any]]:
    """What has to hold of it, in the order in which it is said."""
    named = f'request.operation in ["CREATE", "UPDATE"] && {_SAID} && {_BOUNDED}'
    return [
        {"expression": in_group(groups), "message": NOT_YOURS, "reason": "Forbidden"},
        {"expression": named, "message": NAMELESS, "reason": "Forbidden"},
    ]


def _at(name: str) -> str:
    return f'object.metadata.annotations["{name}"]'


_NOTES = "has(object.metadata) && has(object.metadata.annotations)"
_ALL = " && ".join(f'"{name}" in object.metadata.annotations' for name in (BY, REASON, UNTIL))
_SAID = (
    f"{_NOTES} && {_ALL} && {_at(BY)} == request.userInfo.username && size({_at(REASON)}.trim()) >= {SHORTEST_REASON}"
)
# CEL has no clock: the API server notes the instant of this very write beside the fields that it changes.
_WRITTEN = "object.metadata.managedFields"
_BOUNDED = (
    f"has({_WRITTEN}) && {_WRITTEN}.all(entry, !has(entry.time) || timestamp({_at(UNTIL)}) > timestamp(entry.time))"
    f" && {_WRITTEN}.exists(entry, has(entry.time)"
    f' && timestamp({_at(UNTIL)}) - timestamp(entry.time) <= duration("{LONGEST_HOURS}h"))'
)
_BEFORE = "oldObject != null && has(oldObject.metadata.annotations)"
_CLAIMS = (
    f'request.operation in ["CREATE", "UPDATE"] && {_NOTES} && {json.dumps([BY, REASON, UNTIL])}.exists(name, '
    f"name in object.metadata.annotations && !({_BEFORE} && name in oldObject.metadata.annotations"
    " && oldObject.metadata.annotations[name] == object.metadata.annotations[name]))"
)
_CONTROLLERS = (
    'request.userInfo.username.startsWith("system:serviceaccount:kube-system:")'
    ' || request.userInfo.username == "system:kube-controller-manager"'
    ' || (has(request.userInfo.groups) && "system:masters" in request.userInfo.groups)'
)
