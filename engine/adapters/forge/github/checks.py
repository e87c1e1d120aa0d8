"""The required check on a head commit: a check run where the gate is an App, a commit status where it has a token.

Others can write under the same name. Theirs never counts as the gate's, and where it is newer the gate's is said
not to be there, so that it is said again and stands last. That only an App's own check satisfies the branch's rule
is for the rule to say ("expected source"); ``penstock doctor`` tells when it doesn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.adapters.forge.github.accounts import account_of
from engine.adapters.forge.github.api import GitHubApi
from engine.adapters.forge.github.documents import Checked, CheckRun, StatusDocument
from engine.core.check_report import CHECK_NAME, Annotation, CheckReport, CheckState
from engine.core.untrusted import one_line

TEXT_LIMIT = 65_535
TITLE_LIMIT, DESCRIPTION_LIMIT, MESSAGE_LIMIT = 250, 140, 60_000
ANNOTATIONS = 50
MOST_ANNOTATIONS = 500
_MARK = "#penstock-"
_RUNS: dict[str | None, CheckState] = {"SUCCESS": "success", "FAILURE": "failure"}
_STATES: dict[str, CheckState] = {"SUCCESS": "success", "FAILURE": "failure", "PENDING": "pending"}
_CUT = "\n\n… the rest is in the record.\n"


def say_run(api: GitHubApi, head: str, check: CheckReport) -> None:
    """Say it as a check run, annotations in portions that GitHub takes."""
    portions = [check.annotations[at : at + ANNOTATIONS] for at in range(0, MOST_ANNOTATIONS, ANNOTATIONS)]
    done = {"status": "completed", "conclusion": check.state}
    state = {"status": "in_progress"} if check.state == "pending" else done
    first: dict[str, Any] = {"name": CHECK_NAME, "head_sha": head, "output": _output(check, portions[0]), **state}
    if check.marker:
        first["external_id"] = check.marker
    made = api.send("POST", "/check-runs", first)
    for portion in filter(None, portions[1:]):
        api.send("PATCH", f"/check-runs/{made['id']}", {"output": _output(check, portion)})


def say_status(api: GitHubApi, head: str, check: CheckReport, *, url: str) -> None:
    """Say it as a commit status, which has room for one line and an address."""
    body = {
        "state": check.state,
        "context": CHECK_NAME,
        "description": one_line(check.title, limit=DESCRIPTION_LIMIT - 1),
        "target_url": f"{url}{_MARK}{check.marker}" if check.marker else url,
    }
    api.send("POST", f"/statuses/{head}", body)


def check_of(head: Checked, *, own: str, app: int | None) -> CheckReport | None:
    """What the gate itself last said, unless somebody has written under its name since.

    ``app`` is the gate's App; ``None`` where it has a token, whose account is ``own``.
    """
    status = head.status.context if head.status is not None else None
    runs = [(run, suite.app.id if suite.app else None) for suite in head.suites or () for run in suite.runs or ()]
    mine = [run for run, maker in runs if app is not None and maker == app]
    said: CheckRun | StatusDocument | None = max(mine, key=_said_at, default=None)
    others: list[CheckRun | StatusDocument] = [run for run, maker in runs if app is None or maker != app]
    if status is not None and app is None and account_of(status.creator) == own:
        said = status
    elif status is not None:
        others.append(status)
    if said is None or any(_said_at(other) >= _said_at(said) for other in others):
        return None
    return _of_status(said) if isinstance(said, StatusDocument) else _of_run(said)


def _said_at(said: CheckRun | StatusDocument) -> str:
    """When it was said; with nothing to tell by, after everything."""
    return said.at or "9999"


def _of_run(run: CheckRun) -> CheckReport | None:
    state = _RUNS.get(run.conclusion) if run.status == "COMPLETED" else "pending"
    return CheckReport(state, run.title or "", run.text or "", (), run.marker or "") if state is not None else None


def _of_status(status: StatusDocument) -> CheckReport | None:
    state, marker = _STATES.get(status.state), (status.url or "").partition(_MARK)[2]
    return CheckReport(state, status.description or "", "", (), marker) if state is not None else None


def _output(check: CheckReport, annotations: Sequence[Annotation]) -> dict[str, Any]:
    title = one_line(check.title, limit=TITLE_LIMIT) or CHECK_NAME
    output: dict[str, Any] = {"title": title, "summary": title}
    if check.text:
        output["text"] = _cut(check.text)
    if annotations:
        output["annotations"] = [_annotation(each) for each in annotations]
    return output


def _annotation(annotation: Annotation) -> dict[str, Any]:
    return {
        "path": annotation.path,
        "start_line": annotation.first_line,
        "end_line": annotation.last_line,
        "annotation_level": annotation.level,
        "message": annotation.message[:MESSAGE_LIMIT],
    }


def _cut(text: str) -> str:
    """The text within ``TEXT_LIMIT``, counted in bytes because that is never less than GitHub's count."""
    data = text.encode("utf-8", "replace")
    if len(data) <= TEXT_LIMIT:
        return text
    return data[: TEXT_LIMIT - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT
