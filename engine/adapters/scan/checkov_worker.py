"""The process that Checkov runs in, apart from the gate: it is slow to import, keeps global state and may hang.

It is started by its file and imports nothing of the gate's. Each line in is one question, each line out one answer:
``{"framework": name, "before": object, plan, files or null, "after": the same}`` and the failed checks of each, as
``[check, place, line]``; the line is 0 where it is about no file.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_INDEX = re.compile(r"\[(\d+)\]")


def failed_checks(framework: str, content: Any) -> list[list[Any]]:
    """What Checkov's checks say no to; what it can't read is an error and never "nothing found"."""
    if not content:
        return []
    run = {"kubernetes": _object, "terraform_plan": _plan, "terraform": _files}[framework]
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder), content)
    return sorted([check.check_id, place, line] for check, place, line in report)


def _object(folder: Path, content: dict[str, Any]) -> Iterator[tuple[Any, str, int]]:
    from checkov.kubernetes.runner import Runner

    runner = Runner()
    report = _run(runner, "kubernetes", files=[_written(folder, "object.json", json.dumps(content))])
    if not runner.definitions or not content.get("kind") or not content.get("apiVersion"):
        raise ValueError("it isn't read as an object")
    return ((check, _place(check), 0) for check in _failed(report))


def _plan(folder: Path, content: dict[str, Any]) -> Iterator[tuple[Any, str, int]]:
    from checkov.terraform.plan_runner import Runner

    if not (content.get("planned_values") or {}).get("root_module"):
        return iter(())
    runner = Runner()
    report = _run(runner, "terraform_plan", files=[_written(folder, "plan.json", json.dumps(content))])
    if not runner.definitions:
        raise ValueError("it isn't read as a plan")  # one that names no terraform_version is passed over in silence
    return ((check, str(check.resource_address or check.resource), 0) for check in _failed(report))


def _files(folder: Path, content: dict[str, str]) -> Iterator[tuple[Any, str, int]]:
    from checkov.terraform.runner import Runner

    written = {_written(folder, path, text) for path, text in content.items() if text.strip()}
    runner = Runner()
    report = _run(runner, "terraform", root_folder=str(folder))
    if written - {str(getattr(key, "file_path", key)) for key in runner.definitions or ()}:
        raise ValueError("a file isn't read")  # one that Checkov passes over has not been found harmless
    return ((check, f"{check.file_path.lstrip('/')}/{check.resource}", _line(check)) for check in _failed(report))


def _run(runner: Any, framework: str, *, root_folder: str | None = None, files: list[str] | None = None) -> Any:
    from checkov.runner_filter import RunnerFilter

    only = RunnerFilter(framework=[framework], download_external_modules=False)
    report: Any = runner.run(root_folder=root_folder, files=files, runner_filter=only)
    if report.parsing_errors:
        raise ValueError("it isn't read")
    return report


def _failed(report: Any) -> Iterator[Any]:
    """A check that the content itself told to be skipped has failed: nothing excuses itself."""
    return iter([*report.failed_checks, *report.skipped_checks])


def _written(folder: Path, path: str, text: str) -> str:
    file = (folder / path).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise ValueError("it isn't a path")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return str(file)


def _place(check: Any) -> str:
    keys = check.check_result.get("evaluated_keys") or []
    return _INDEX.sub(r"\1", str(keys[0])) if keys else ""


def _line(check: Any) -> int:
    lines = check.file_line_range or [0]
    return int(lines[0])


def main() -> None:
    """Answer until the gate closes the pipe. What Checkov prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = {when: failed_checks(question["framework"], question[when]) for when in ("before", "after")}
        except Exception as error:  # noqa: BLE001  the end of this process's stack: the gate makes it a refusal
            answer = {"error": [[type(error).__name__, ""]]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
