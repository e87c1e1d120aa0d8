"""The process that Checkov runs in, apart from the gate: it is slow to import, keeps global state and may hang.

It is started by its file and imports nothing of the gate's. Each line in is one question, each line out one answer:
``{"before": object or null, "after": object or null}`` and the failed checks of each, as ``[check, place]``.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

_INDEX = re.compile(r"\[(\d+)\]")


def failed_checks(obj: dict[str, Any] | None) -> list[list[str]]:
    """What Checkov's Kubernetes checks say no to; an object it can't read is an error and never "nothing found"."""
    from checkov.kubernetes.runner import Runner
    from checkov.runner_filter import RunnerFilter

    if obj is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "object.json")
        file.write_text(json.dumps(obj), "utf-8")
        runner = Runner()
        only = RunnerFilter(framework=["kubernetes"])
        report: Any = runner.run(root_folder=None, files=[str(file)], runner_filter=only)
    if report.parsing_errors or not runner.definitions or not obj.get("kind") or not obj.get("apiVersion"):
        raise ValueError("it isn't read as an object")
    failed = [*report.failed_checks, *report.skipped_checks]
    return sorted([check.check_id, _place(check)] for check in failed)


def _place(check: Any) -> str:
    keys = check.check_result.get("evaluated_keys") or []
    return _INDEX.sub(r"\1", str(keys[0])) if keys else ""


def main() -> None:
    """Answer until the gate closes the pipe. What Checkov prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = {when: failed_checks(question[when]) for when in ("before", "after")}
        except Exception as error:  # noqa: BLE001  the end of this process's stack: the gate makes it a refusal
            answer = {"error": [[type(error).__name__, ""]]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
