"""A log line is one line without secrets, whoever wrote it, and as JSON it is an object with its time and level."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from engine.entrypoints.cli.log import log_to_stderr

HOSTILE = 'a\nb\x1b[2J {"level": "info"} password=hunter2hunter2'


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("penstock")
    before = root.handlers[:], root.level, own.level
    yield
    root.handlers[:], root.level, own.level = before


def test_lines_of_the_gate_and_of_libraries_are_objects(capsys: pytest.CaptureFixture[str]) -> None:
    say = log_to_stderr("json")
    say("listening on http://127.0.0.1:1")
    say(HOSTILE)
    try:
        raise ValueError("token=hunter2hunter2")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("it broke: %s", HOSTILE)
    logging.getLogger("uvicorn.error").info("not this")
    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert [(one["logger"], one["level"]) for one in lines] == [
        ("penstock", "info"),
        ("penstock", "info"),
        ("uvicorn.error", "error"),
    ]
    assert lines[0]["message"] == "listening on http://127.0.0.1:1"
    assert lines[2]["error"] == "ValueError"
    assert all(one["at"].endswith("Z") for one in lines)
    assert "hunter2" not in said.err and "\x1b" not in said.err and said.out == ""


def test_for_people_a_line_is_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("text")("listening on http://127.0.0.1:1")
    logging.getLogger("other").warning("%s", HOSTILE)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "listening on http://127.0.0.1:1"
    assert second.startswith("a b") and "hunter2" not in second
