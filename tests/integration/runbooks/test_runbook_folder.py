"""A folder of runbooks is read strictly: each mistake is named with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.runbooks.examples import load_examples
from engine.adapters.runbooks.folder import load_runbook, load_runbooks
from engine.core.errors import BadInput

SHIPPED = Path("runbooks")
CRASH = (SHIPPED / "crash-loop/runbook.yaml").read_text()


@pytest.fixture
def write(tmp_path: Path):
    def _write(text: str, name: str = "crash-loop") -> Path:
        file = tmp_path / name / "runbook.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    return _write


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_folder_is_the_identity(write):
    assert load_runbook(write(CRASH, "another-class")).id == "another-class"


@pytest.mark.parametrize(
    ("old", "new", "marker", "said"),
    [
        ("severity: critical", "severity: critical\nseverity: info", "severity: info", "severity: is written twice"),
        ("severity: critical", "severtiy: critical", "severtiy", "severtiy: is not a field of a runbook"),
        ("severity: critical", "severity: dire", "severity: dire", "severity"),
        ("max_attempts: 2", "max_attempts: two", "max_attempts: two", "max_attempts"),
        ("max_attempts: 2", "max_attempts: on", "max_attempts: on", "max_attempts"),
        ("kind: restart_workload", "kind: kill_everything", "kind: kill_everything", "not an action kind"),
        ("- id: restarts_stable", "- id: looks_fine", "- id: looks_fine", "verification.checks.1"),
        (
            "owner: team-platform\nseverity: critical",
            "owner: &o team-platform\nseverity: *o",
            "owner: &o",
            "used again by an alias",
        ),
        ("severity: critical", "severity: !!python/object:os.system x", "!!python", "has the type"),
        ("severity: critical", "severity: [critical", "severity: [", "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(write, old, new, marker, said):
    assert old in CRASH
    text = CRASH.replace(old, new, 1)
    file = write(text)
    with pytest.raises(BadInput) as caught:
        load_runbook(file)
    assert said in str(caught.value)
    where, _, line = caught.value.where.rpartition(":")
    assert where == str(file)
    assert abs(int(line) - line_of(text, marker)) <= 1


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text", "# only a comment\n", "a: 1\n---\nb: 2\n"])
def test_a_file_that_holds_no_one_map_is_refused(write, text):
    with pytest.raises(BadInput):
        load_runbook(write(text))


def test_a_file_that_is_not_text_or_too_large_is_refused(write):
    with pytest.raises(BadInput, match="UTF-8"):
        load_runbook(write(b"title: \xff\xfe"))
    with pytest.raises(BadInput, match="limit"):
        load_runbook(write("# " + "x" * 70_000))


def test_an_empty_or_absent_folder_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no such folder"):
        load_runbooks(tmp_path / "absent")
    with pytest.raises(BadInput, match="holds no runbooks"):
        load_runbooks(tmp_path)


def test_examples_without_a_runbook_are_refused(write, tmp_path):
    write(CRASH)
    stray = tmp_path / "stray/examples"
    stray.mkdir(parents=True)
    with pytest.raises(BadInput, match=r"has no runbook\.yaml"):
        load_runbooks(tmp_path)


@pytest.mark.parametrize("name", ["good.json", "match-x.json", "maybe-x.kubernetes.json", "match-x.kubernetes.yaml"])
def test_an_example_that_is_not_named_as_one_is_refused(write, tmp_path, name):
    folder = write(CRASH).parent / "examples"
    folder.mkdir()
    (folder / name).write_text("{}")
    with pytest.raises(BadInput, match="not named as an example"):
        load_examples(tmp_path)


def test_an_example_with_a_doubled_key_is_refused(write, tmp_path):
    folder = write(CRASH).parent / "examples"
    folder.mkdir()
    (folder / "match-x.kubernetes.json").write_text('{"kind": "List", "kind": "Pod"}')
    with pytest.raises(BadInput, match="duplicate key"):
        load_examples(tmp_path)
