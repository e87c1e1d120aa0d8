"""A Terraform plan as ``terraform show -json`` writes it, read down to what it would do to which resource.

A plan holds every value of every resource, secrets included. Nothing of that is needed to decide, so only types,
addresses and actions are kept. What the gate doesn't know of the format is a refusal: an action that it skipped would
be applied all the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core import canonical
from engine.core.errors import BadInput

LIMIT = 64 * 1_048_576
MOST_CHANGES = 500
ACTIONS = ("create", "update", "replace", "destroy", "forget", "adopt", "move", "invoke")

_MEANING: Mapping[tuple[str, ...], str] = {
    ("no-op",): "",
    ("read",): "",
    ("create",): "create",
    ("update",): "update",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
    ("create", "forget"): "replace",
    ("forget", "create"): "replace",
}
_TYPE = re.compile(r"[a-z][a-z0-9_-]{0,99}")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@\[\]\"-]{1,300}")
_KEY = re.compile(r"\[\"(?:[^\"\\]|\\.)*\"\]")
_SUPPORTED = re.compile(r"(0|1)\.[0-9]{1,4}")
_REMEDY = "Write it with: terraform show -json PLANFILE"


@dataclass(frozen=True, slots=True, order=True)
class ResourceChange:
    """What happens to one resource; ``action`` is one of :data:`ACTIONS`. The address holds no free text."""

    action: str
    type: str
    address: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan would do, in order of action, type and address, and the digest of the document it was read from."""

    digest: str
    changes: tuple[ResourceChange, ...]

    def of(self, action: str) -> list[str]:
        """``type address`` of every resource that an action happens to."""
        return [f"{change.type} {change.address}" for change in self.changes if change.action == action]


def read_plan(text: bytes, *, where: str) -> Plan:
    """A plan from JSON bytes of at most 64 MiB and 500 changes.

    Raises :class:`BadInput` for a format the gate doesn't know, for a plan that failed, that leaves something for a
    later plan to find out, or that names an action the gate doesn't know.
    """
    document = canonical.parse(text, where=where, limit=LIMIT)
    if not isinstance(document, dict) or not _SUPPORTED.fullmatch(str(document.get("format_version", ""))):
        raise BadInput("is no Terraform plan of format 0 or 1", where=f"{where}: format_version", remedy=_REMEDY)
    _whole(document, where)
    changes = sorted({*_resources(document, where), *_invocations(document, where)})
    if len(changes) > MOST_CHANGES:
        message = f"changes {len(changes)} resources, more than {MOST_CHANGES}"
        raise BadInput(message, where=f"{where}: resource_changes", remedy="Split it, so that people can read it")
    return Plan(canonical.digest_bytes(text), tuple(changes))


def _whole(document: Mapping[str, Any], where: str) -> None:
    if "resource_changes" not in document and "planned_values" not in document:
        raise BadInput("says nothing of what it would change; a state isn't a plan", where=where, remedy=_REMEDY)
    if document.get("errored", False) is not False:
        raise BadInput("the plan failed", where=f"{where}: errored", remedy="Plan again when it succeeds")
    if document.get("complete", True) is not True or document.get("deferred_changes"):
        remedy = "Apply what it depends on first, and plan again"
        raise BadInput("leaves changes for a later plan to find out", where=f"{where}: complete", remedy=remedy)


def _resources(document: Mapping[str, Any], where: str) -> Iterator[ResourceChange]:
    for position, entry in enumerate(_entries(document, "resource_changes", where)):
        place = f"{where}: resource_changes[{position}]"
        change = entry.get("change")
        if not isinstance(change, dict):
            raise BadInput("says no change", where=place, remedy=_REMEDY)
        action = _action(entry, change, place)
        if action:
            yield ResourceChange(action, _type(entry, "type", place), _address(entry, place))


def _action(entry: Mapping[str, Any], change: Mapping[str, Any], place: str) -> str:
    said = change.get("actions")
    words = tuple(said) if isinstance(said, list) and all(isinstance(word, str) for word in said) else ()
    if words not in _MEANING:
        message = "names actions that the gate doesn't know"
        raise BadInput(message, where=f"{place}.change.actions", remedy="Ask for a gate that knows this Terraform")
    if words == ("no-op",) and change.get("importing") is not None:
        return "adopt"
    if words == ("no-op",) and entry.get("previous_address") is not None:
        return "move"
    return _MEANING[words]


def _invocations(document: Mapping[str, Any], where: str) -> Iterator[ResourceChange]:
    """Provider actions that run beside the changes; what they do isn't in the plan."""
    for position, entry in enumerate(_entries(document, "action_invocations", where)):
        place = f"{where}: action_invocations[{position}]"
        yield ResourceChange("invoke", _type(entry, "type", place), _address(entry, place))


def _entries(document: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    found = document.get(key, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise BadInput("is no list of objects", where=f"{where}: {key}", remedy=_REMEDY)
    return found


def _type(entry: Mapping[str, Any], key: str, place: str) -> str:
    found = entry.get(key)
    if not isinstance(found, str) or not _TYPE.fullmatch(found):
        raise BadInput("is no resource type", where=f"{place}.{key}", remedy=_REMEDY)
    return found


def _address(entry: Mapping[str, Any], place: str) -> str:
    """The address; a key in it that could hold a sentence is shown as a digest of itself."""
    found = entry.get("address")
    plain = _KEY.sub(_quiet, found) if isinstance(found, str) else ""
    if not _PLAIN.fullmatch(plain):
        raise BadInput("is no resource address", where=f"{place}.address", remedy=_REMEDY)
    return f"{plain}:{entry['deposed']}" if _deposed(entry) else plain


def _deposed(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("deposed"), str) and re.fullmatch(r"[0-9a-f]{1,16}", entry["deposed"]) is not None


def _quiet(key: re.Match[str]) -> str:
    text = key.group()
    kept = re.fullmatch(r"\[\"[A-Za-z0-9_.:/@-]{1,63}\"\]", text)
    return text if kept else f'["sha256:{hashlib.sha256(text.encode()).hexdigest()[:12]}"]'
