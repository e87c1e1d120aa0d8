"""Which looks an event of GitHub asks for.

Events about what the gate itself writes (its check, its comment, its statuses) ask for none unless a person caused
them: otherwise every look would lead to the next.
"""

from __future__ import annotations

import re
from typing import Any

from engine.adapters.forge.deliveries.payload import EVERYTHING, NOTHING, Payload, at, at_issue, read_payload
from engine.core.delivery import Look

_QUEUED = re.compile(r"/pr-([1-9][0-9]{0,14})-[0-9a-f]{40}$")
_ABOUT_ALL = {
    "branch_protection_rule",
    "installation",
    "installation_repositories",
    "membership",
    "organization",
    "repository",
    "repository_ruleset",
    "team",
}
_AT_ONE = {"pull_request", "pull_request_review"}
CONSUMED = _ABOUT_ALL | _AT_ONE | {"check_run", "check_suite", "issue_comment", "merge_group", "push"}


def looks_of(event: str, document: Any, *, repository: str, branch: str) -> tuple[Look, ...]:
    """The looks one event asks for, none for an unknown one. Raises :class:`BadInput` for a malformed one."""
    if event not in CONSUMED:
        return NOTHING
    payload = read_payload(document)
    if event in _ABOUT_ALL:
        return EVERYTHING
    return NOTHING if payload.elsewhere(repository) else _looks(event, payload, branch)


def _looks(event: str, payload: Payload, branch: str) -> tuple[Look, ...]:
    if event in _AT_ONE:
        return at(payload.pull_request, event)
    if event == "push":
        return EVERYTHING if payload.pushed_to(branch) else NOTHING
    if event == "issue_comment":
        return at_issue(payload.issue)
    return _queued(payload) if event == "merge_group" else _checked(payload)


def _checked(payload: Payload) -> tuple[Look, ...]:
    checked = payload.check_run or payload.check_suite
    if checked is None or payload.action not in ("rerequested", "requested_action"):
        return NOTHING
    return tuple(Look(pull_request.number, again=True) for pull_request in checked.pull_requests)


def _queued(payload: Payload) -> tuple[Look, ...]:
    group = payload.merge_group
    named = _QUEUED.search(group.head_ref) if group is not None else None
    if group is None or payload.action != "checks_requested":
        return NOTHING
    return (Look(int(named[1]), group.head_sha),) if named else EVERYTHING
