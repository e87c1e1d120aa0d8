"""The author's checks: each finds what it is for, names file and line, and lets a fit policy through."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.adapters.opa.step import Step
from engine.adapters.opa.workbench import Workbench
from engine.core.errors import BadInput
from engine.entrypoints.cli.main import main

ROOT = Path(__file__).parents[3]
RULE = "rego/gate/rules/blast/pods/pods.rego"
TEST = """package gate.rules.blast.pods_test

import rego.v2

import data.gate.rules.blast.pods

test_over_the_limit_is_refused if count(pods.deny) == 1 with input as {"pods": 4}

test_without_the_field_it_is_refused if count(pods.deny) == 1 with input as {}

test_without_the_limit_it_is_refused if {
	count(pods.deny) == 1 with input as {"pods": 4} with data.gate.data.limits as {}
}
"""
NOW = "2026-11-14T03:12:00Z"
SCHEMA = {"type": "object", "properties": {"pods": {"type": "integer"}}, "additionalProperties": False}


@pytest.fixture
def fit(policies: Path) -> Path:
    """The fixture's folder with a decision that tests cover, a schema and conventions."""
    (policies / "rego/gate/decision/decision.rego").write_text(
        'package gate.decision\n\nimport rego.v2\n\nverdict := {"outcome": "deny", "of": data.gate.rules}\n'
    )
    (policies / RULE).with_name("pods_test.rego").write_text(TEST)
    (policies / RULE).with_name("decision_test.rego").write_text(
        'package gate.decision_test\n\nimport rego.v2\n\ntest_deny if data.gate.decision.verdict.outcome == "deny"\n'
    )
    rule = (
        (policies / RULE)
        .read_text()
        .replace("# title: too many", "# schemas:\n#   - input: schema.input\n# title: too many")
    )
    (policies / RULE).write_text(rule)
    (policies / "rego/gate/schema").mkdir()
    (policies / "rego/gate/schema/input.json").write_text(json.dumps(SCHEMA))
    return policies


@pytest.fixture
def bench(opa: Path, cache: Path) -> Callable[[Path], dict[str, Step]]:
    """Runs every check on a folder, by name."""
    return lambda folder: {step.name: step for step in Workbench(folder, opa=opa, cache=cache).check(now=NOW)}


def failed(steps: dict[str, Step]) -> list[str]:
    return [name for name, step in steps.items() if step.failed]


def test_a_fit_policy_passes_every_check(fit: Path, bench: Callable[[Path], dict[str, Step]]) -> None:
    steps = bench(fit)
    assert failed(steps) == [], [step.problems for step in steps.values()]
    assert list(steps) == [
        "files",
        "data",
        "annotations",
        "overlays",
        "format",
        "strict",
        "needs",
        "exceptions",
        "compiles",
        "conventions",
        "tests of rego",
        "coverage of rego",
        "regal",
    ]
    assert steps["tests of rego"].covered == "4 tests"


def test_the_shipped_policy_passes_every_check_but_its_own_tests(opa: Path, cache: Path) -> None:
    shipped = Workbench(ROOT / "policies", opa=opa, cache=cache)
    quick = (shipped.files, shipped.format, shipped.strict, shipped.data, shipped.compiles, shipped.conventions)
    assert [problem for check in quick for problem in check().problems] == []


@pytest.mark.parametrize(
    ("check", "found", "old", "new"),
    [
        ("format", r"pods.rego: is not as opa fmt", "\n\ndeny", "\n\n\n\ndeny"),
        ("strict", r"pods.rego:\d+:\d+: rego_type_error: undefined ref: input.pod", "input.pods >", "input.pod >"),
        (
            "strict",
            r"pods.rego:\d+:\d+: rego_compile_error: .* unused",
            "\n\ndeny",
            "\n\nlost if {\n\tx := 1\n}\n\ndeny",
        ),
        ("strict", r"undefined function http.send", "\n\ndeny", "\n\nlost := http.send({})\n\ndeny"),
        ("tests of rego", r"pods_test.rego:\d+:\d+: test_over_the_limit_is_refused fails", "> data", ">= 9 + data"),
        (
            "coverage of rego",
            r"pods.rego:\d+:\d+: no test runs this",
            "\n\ndeny",
            "\n\nspare := 1 if input.pods == 9\n\ndeny",
        ),
    ],
)
def test_each_fault_is_found_with_its_place(
    fit: Path, bench: Callable[[Path], dict[str, Step]], check: str, found: str, old: str, new: str
) -> None:
    (fit / RULE).write_text((fit / RULE).read_text().replace(old, new, 1))
    step = bench(fit)[check]
    assert not step.passed
    assert any(re.search(found, problem) for problem in step.problems), step.problems


def test_a_skipped_test_is_a_failure(fit: Path, bench: Callable[[Path], dict[str, Step]]) -> None:
    tests = (fit / RULE).with_name("pods_test.rego")
    tests.write_text(tests.read_text().replace("test_over_the_limit", "todo_test_over_the_limit"))
    assert "is skipped" in "".join(bench(fit)["tests of rego"].problems)


def test_no_tests_at_all_is_a_failure(fit: Path, bench: Callable[[Path], dict[str, Step]]) -> None:
    for file in (fit / "rego").rglob("*_test.rego"):
        file.unlink()
    assert {"tests of rego", "coverage of rego"} <= set(failed(bench(fit)))


def test_a_test_that_does_not_compile_is_a_failure(fit: Path, bench: Callable[[Path], dict[str, Step]]) -> None:
    tests = (fit / RULE).with_name("pods_test.rego")
    tests.write_text(tests.read_text() + "\ntest_wrong if {\n\tx := 1\n\tx := 2\n}\n")
    steps = bench(fit)
    assert "pods_test.rego" in "".join(steps["strict"].problems)
    assert not steps["tests of rego"].passed


def test_a_failing_test_is_told_once(fit: Path, bench: Callable[[Path], dict[str, Step]]) -> None:
    (fit / RULE).write_text((fit / RULE).read_text().replace("> data", ">= 9 + data", 1))
    steps = bench(fit)
    assert failed(steps) == ["tests of rego"]
    assert steps["coverage of rego"].covered == "not run: not every test passes"


def test_an_overlay_that_fits_nothing_is_found_without_stopping_the_rest(
    fit: Path, bench: Callable[[Path], dict[str, Step]]
) -> None:
    (fit / "overlays").mkdir()
    (fit / "overlays" / "ours.yaml").write_text("limits: {pods: 9}\npeople: {}\n")
    steps = bench(fit)
    assert failed(steps) == ["overlays"]
    assert "ours.yaml:2:1" in steps["overlays"].problems[0]
    assert steps["tests of rego"].passed


def test_a_missing_schema_is_found(fit: Path, bench: Callable[[Path], dict[str, Step]]) -> None:
    shutil.rmtree(fit / "rego/gate/schema")
    assert "misspelt field" in bench(fit)["strict"].problems[0]


def test_the_projects_own_conventions_are_asked(fit: Path, bench: Callable[[Path], dict[str, Step]]) -> None:
    shutil.copytree(ROOT / "policies" / "checks", fit / "checks")
    problems = bench(fit)["conventions"].problems
    assert any("blast.pods" in problem and "remedy" in problem for problem in problems), problems


def test_rules_are_documented_in_their_own_words(opa: Path, cache: Path) -> None:
    rules = Workbench(ROOT / "policies", opa=opa, cache=cache).rules()
    folders = {
        p.parent.relative_to(ROOT / "policies/rego/gate/rules").as_posix()
        for p in (ROOT / "policies/rego/gate/rules").glob("*/*/*_test.rego")
    }
    assert {rule.rule for rule in rules} == folders
    assert all(rule.title and rule.why and rule.remedy and rule.path.endswith(".rego") for rule in rules)


def test_docs_of_what_cannot_be_read_say_where(fit: Path, opa: Path, cache: Path) -> None:
    (fit / RULE).write_text("package x\n\n{")
    with pytest.raises(BadInput, match=r"pods\.rego:"):
        Workbench(fit, opa=opa, cache=cache).rules()


@pytest.fixture
def penstock(monkeypatch: pytest.MonkeyPatch, opa: Path, cache: Path) -> Callable[..., int]:
    """Runs the command with a cache of the session's own."""
    monkeypatch.setenv("PENSTOCK_OPA", str(opa))
    monkeypatch.setenv("PENSTOCK_CACHE", str(cache))
    return lambda *arguments: main(["policy", *map(str, arguments)])


def test_check_prints_a_line_for_each_and_exits_by_the_result(
    penstock: Callable[..., int], fit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert penstock("check", "--policies", fit) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == ["ok"] * 13
    (fit / RULE).write_text((fit / RULE).read_text().replace("> data", ">= 9 + data"))
    assert penstock("check", "--policies", fit) == 1
    told = capsys.readouterr()
    assert "FAILED" in told.out
    assert "checks failed" in told.err


def test_check_as_json_is_one_document(
    penstock: Callable[..., int], fit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert penstock("check", "--policies", fit, "-o", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["passed"] is True
    assert {"name", "passed", "covered", "problems", "warnings", "ran"} == set(document["steps"][0])


def test_check_tries_a_given_overlay(
    penstock: Callable[..., int], fit: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.yaml").write_text("limit: 3\n")
    assert penstock("check", "--policies", fit, "--data", tmp_path / "mine.yaml") == 1
    assert "mine.yaml:1" in capsys.readouterr().out


def test_build_writes_an_archive_and_names_it(
    penstock: Callable[..., int], fit: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert penstock("build", "--policies", fit, "--to", tmp_path / "b.tar.gz", "-o", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["digest"].startswith("sha256:" + told["revision"])
    assert (tmp_path / "b.tar.gz").stat().st_size > 0


@pytest.mark.parametrize("command", ["check", "test", "build", "docs"])
def test_a_folder_that_is_not_there_never_passes(
    penstock: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert penstock(command, "--policies", tmp_path / "none") == 2
    assert "policies folder" in capsys.readouterr().err


def test_docs_are_markdown_with_every_rule(
    penstock: Callable[..., int], fit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert penstock("docs", "--policies", fit) == 0
    assert "### blast/pods\n\n**too many pods are affected**" in capsys.readouterr().out
