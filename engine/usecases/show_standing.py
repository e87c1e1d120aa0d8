"""Show on the forge how a pull request stands, writing only what it doesn't show already.

A thousand pull requests that nobody touched cost a thousand cheap reads and not one write. A check that somebody else
wrote under the gate's name is not what the gate said, so it is said again.
"""

from __future__ import annotations

from engine.core.check_report import CheckReport
from engine.core.pull_request import PullRequest
from engine.core.pull_request_check import same
from engine.core.reevaluate_box import ticked, unticked
from engine.ports import Forge


def show_check(forge: Forge, pull_request: PullRequest, report: CheckReport, *, at: str) -> bool:
    """Say the check on the head that was looked at, unless it is said there; true when it was written."""
    if same(pull_request.check, report):
        return False
    forge.report(pull_request.number, pull_request.head, report, at=at)
    return True


def show_comment(forge: Forge, pull_request: PullRequest, text: str) -> bool:
    """Bring the one comment up to date, and clear a box that was ticked; true when the comment was written."""
    if pull_request.key and ticked(pull_request.body):
        forge.rewrite(pull_request.number, unticked(pull_request.body))
    if _plain(text) in {_plain(comment) for comment in pull_request.comments}:
        return False
    forge.comment(pull_request.number, text)
    return True


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
