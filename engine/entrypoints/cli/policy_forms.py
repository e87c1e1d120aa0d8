"""The author's checks in the forms that other tools read: a workflow's annotations, SARIF and JUnit.

Each sentence of a check begins with file and line; here it is taken apart, so that a viewer can put it on the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import orjson

from engine.core.untrusted import one_line

if TYPE_CHECKING:
    from engine.adapters.opa.step import Step

SARIF_VERSION = "2.1.0"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PLACE = re.compile(r"(?P<file>/[^:\n]+?)(?::(?P<line>[1-9]\d*))?(?::(?P<column>[1-9]\d*))?: (?P<text>.+)", re.DOTALL)
_LIMIT = 1000


class CheckForm(StrEnum):
    """What ``policy check -o`` takes."""

    table = "table"
    json = "json"
    markdown = "markdown"
    github = "github"
    sarif = "sarif"
    junit = "junit"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of a check and where it belongs; ``file`` is empty and the numbers are 0 where none is known."""

    check: str
    grave: bool
    text: str
    file: str = ""
    line: int = 0
    column: int = 0


def written(steps: Sequence[Step], form: CheckForm, folder: Path) -> str:
    """All checks in one form; files below ``folder`` are named from there."""
    if form is CheckForm.json:
        document = {"passed": all(step.passed for step in steps), "steps": [asdict(step) for step in steps]}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    if form is CheckForm.markdown:
        return _markdown(steps)
    if form is CheckForm.junit:
        return _junit(steps)
    found = findings(steps, folder)
    if form is CheckForm.github:
        return "\n".join(map(_annotation, found))
    return orjson.dumps(_sarif(steps, found), option=orjson.OPT_INDENT_2).decode()


def findings(steps: Sequence[Step], folder: Path) -> list[Finding]:
    """Every problem and warning, with its place taken out of the sentence."""
    problems = [_finding(step.name, True, text, folder) for step in steps for text in step.problems]
    return problems + [_finding(step.name, False, text, folder) for step in steps for text in step.warnings]


def _finding(check: str, grave: bool, text: str, folder: Path) -> Finding:
    text = one_line(text, limit=_LIMIT)
    placed = _PLACE.fullmatch(text)
    if placed is None:
        return Finding(check, grave, text)
    file = Path(placed["file"])
    name = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.as_posix()
    return Finding(check, grave, placed["text"], name, int(placed["line"] or 0), int(placed["column"] or 0))


def _annotation(found: Finding) -> str:
    """A workflow command; its own marks are escaped, so that no text begins another one."""
    place = {"file": found.file, "line": found.line, "col": found.column, "title": f"policy check: {found.check}"}
    fields = ",".join(f"{key}={_escaped(str(value), field=True)}" for key, value in place.items() if value)
    return f"::{'error' if found.grave else 'warning'} {fields}::{_escaped(found.text)}"


def _escaped(text: str, *, field: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if field else text


def _sarif(steps: Sequence[Step], found: Sequence[Finding]) -> dict[str, Any]:
    names = [step.name for step in steps]
    rules = [{"id": name, "shortDescription": {"text": f"penstock policy check: {name}"}} for name in names]
    results = [{**_result(each), "ruleIndex": names.index(each.check)} for each in found]
    driver = {"name": "penstock policy check", "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}
    return {"$schema": _SCHEMA, "version": SARIF_VERSION, "runs": [run]}


def _result(found: Finding) -> dict[str, Any]:
    level = "error" if found.grave else "warning"
    result: dict[str, Any] = {"ruleId": found.check, "level": level, "message": {"text": found.text}}
    if found.file:
        address = Path(found.file).as_uri() if found.file.startswith("/") else found.file
        place: dict[str, Any] = {"artifactLocation": {"uri": address}}
        region = {"startLine": found.line, "startColumn": found.column}
        if found.line:
            place["region"] = {key: value for key, value in region.items() if value}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _junit(steps: Sequence[Step]) -> str:
    failed, waiting = sum(step.failed for step in steps), sum(not step.ran for step in steps)
    counts = {"tests": str(len(steps)), "failures": str(failed), "skipped": str(waiting)}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "penstock policy check", **counts})
    for step in steps:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "policy", "name": step.name})
        lines = [one_line(text, limit=_LIMIT) for text in step.problems]
        if not step.ran:
            ElementTree.SubElement(case, "skipped", {"message": step.covered})
        if step.failed:
            failure = ElementTree.SubElement(case, "failure", {"message": lines[0] if lines else "failed"})
            failure.text = "\n".join(lines)
        told = [step.covered, *(one_line(text, limit=_LIMIT) for text in step.warnings)]
        ElementTree.SubElement(case, "system-out").text = "\n".join(told)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)


def _markdown(steps: Sequence[Step]) -> str:
    lines = ["| check | | covered |", "|---|---|---|"]
    lines += [f"| {step.name} | {_mark(step)} | {step.covered} |" for step in steps]
    lines += [f"\n- {problem}" for step in steps for problem in step.problems]
    return "\n".join([*lines, *(f"\n- soon: {warning}" for step in steps for warning in step.warnings)])


def _mark(step: Step) -> str:
    return "ok" if step.passed else "FAILED" if step.ran else "-"
