"""Merging exactly what was decided.

1. What the head changes is still on the base as it was when the change was made; GitHub alone would let two equal
   or neighbouring edits through.
2. GitHub is told which head it may merge, and refuses any other.
3. Where GitHub waits for checks of others it is asked to merge when they have passed, but only where the branch's
   rules require the gate's own check: a later refusal then still stops it.
"""

from __future__ import annotations

import re
from typing import Any

from engine.adapters.forge.github.api import GitHubApi
from engine.adapters.forge.github.documents import PullDocument
from engine.adapters.forge.github.queries import AUTO_MERGE
from engine.adapters.forge.github.trouble import Declined
from engine.adapters.forge.merging import AGAIN, merge_title, trailer_lines
from engine.core.check_report import CHECK_NAME
from engine.core.errors import ForgeRefused, ForgeUnreachable, MergeConflict, MergesLater, StaleReceipt

METHODS = {"merge": "MERGE", "squash": "SQUASH"}
_WAITS = re.compile(r"(?i)status check|merge queue|checks? (?:is|are) (?:expected|pending)")
_OTHER_WAY = re.compile(r"(?i)\bnot allowed\b")


def merge_at(api: GitHubApi, document: PullDocument, *, base: str, trailers: dict[str, str]) -> str:
    """Merge the document's head; the merge commit.

    Raises :class:`StaleReceipt` when the head has moved, :class:`MergeConflict`, :class:`MergesLater` when GitHub
    merges it by itself, and :class:`ForgeRefused` otherwise.
    """
    where = f"pull request {document.number}"
    title, message = merge_title(document.number, document.title), trailer_lines(trailers)
    said: dict[str, Any] = {"sha": document.head, "commit_title": title, "commit_message": message}
    declined: Declined | None = None
    for method, named in METHODS.items():
        try:
            answer = api.send("PUT", f"/pulls/{document.number}/merge", {**said, "merge_method": method})
        except Declined as refusal:
            declined = refusal
            if refusal.status == 405 and _OTHER_WAY.search(refusal.message):
                continue
            if refusal.status == 405 and _WAITS.search(refusal.message):
                _merge_later(api, document, base, named, title, message)
            break
        if answer.get("merged") is True and isinstance(answer.get("sha"), str):
            return str(answer["sha"])
        raise ForgeUnreachable("GitHub doesn't say that it merged", where=where)
    raise _refusal(declined, where)


def _refusal(declined: Declined | None, where: str) -> ForgeRefused:
    if declined is None:
        return ForgeRefused("GitHub merges in no way that carries the record", where=where)
    if declined.status == 409:
        return StaleReceipt("the head has moved", where=where, remedy="Decide again on the present head")
    if declined.status == 405 and "not mergeable" in declined.message.lower():
        return MergeConflict("merge conflict: GitHub can't merge it", where=where, remedy=AGAIN)
    return ForgeRefused(declined.message, where=where, remedy="See what the pull request still needs")


def _merge_later(api: GitHubApi, document: PullDocument, base: str, method: str, title: str, message: str) -> None:
    """The third step; ends with :class:`MergesLater` when GitHub has taken it over, now or before."""
    where = f"pull request {document.number}"
    if not requires_check(api, base):
        return
    wanted = {
        "pullRequestId": document.node,
        "expectedHeadOid": document.head,
        "mergeMethod": method,
        "commitHeadline": title,
        "commitBody": message,
    }
    try:
        api.mutate(AUTO_MERGE, input=wanted)
    except Declined as declined:
        if "already" not in declined.message.lower():
            return
    raise MergesLater("GitHub merges it once what else it requires has passed", where=where)


def requires_check(api: GitHubApi, base: str) -> bool:
    """Whether a ruleset of the branch requires the gate's check."""
    return any(check.get("context") == CHECK_NAME for check in required_checks(api, base))


def required_checks(api: GitHubApi, base: str) -> list[dict[str, Any]]:
    """The status checks that rulesets require on the branch, each with ``context`` and ``integration_id``."""
    rules = [rule for rule in api.pages(f"/rules/branches/{base}") if rule.get("type") == "required_status_checks"]
    found = [(rule.get("parameters") or {}).get("required_status_checks") or [] for rule in rules]
    return [check for checks in found for check in checks if isinstance(check, dict)]
