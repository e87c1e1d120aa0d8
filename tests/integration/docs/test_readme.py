"""Documentation that can be run is run: the README's output is the demonstration's, and its commands exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
VARYING = re.compile(r"\b(?:[0-9a-f]{12,64}|dec-[0-9a-f]+|prop-[0-9a-f]+|inc-[0-9a-f]+|\d+ s|\d+ records)\b|sha256:\S+")


def masked(text: str) -> list[str]:
    return [VARYING.sub("~", " ".join(line.split())) for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demonstration really prints."""
    program = "import sys; from engine.entrypoints.cli.main import run; run(sys.argv[1:])"
    folder = tmp_path_factory.mktemp("demo") / "night"
    command = [sys.executable, "-c", program, "demo", "--dir", str(folder)]
    for _ in range(2):  # running it twice works
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_line_of_the_readme_s_demonstration_is_printed(demonstration: str) -> None:
    shown = README.split("<!-- demo -->")[1].split("<!-- /demo -->")[0].replace("```text", "").replace("```", "")
    printed = masked(demonstration)
    for line in masked(shown):
        assert any(line in real for real in printed), line


def test_every_promise_of_the_demonstration_is_kept(demonstration: str) -> None:
    assert "NOT SO" not in demonstration
    assert demonstration.count("✓") > 20


def _commands() -> list[str]:
    texts = [README, *((ROOT / "docs" / name).read_text() for name in ("adding-a-rule.md", "adding-a-runbook.md"))]
    found = [line for text in texts for line in re.findall(r"^(?:\$ )?(penstock [^#\n]+)", text, re.MULTILINE)]
    return sorted({line.strip() for line in found})


@pytest.mark.parametrize("line", _commands())
def test_every_command_the_documentation_names_exists_with_its_options(line: str, penstock_command: list[str]) -> None:
    words = shlex.split(line)[1:]
    names = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
    asked = [*penstock_command, *names, "--help"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    for option in re.findall(r"--[a-z-]+", line):
        assert option in told.stdout, f"{option} is not an option of {' '.join(names)}"


def test_the_make_targets_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^\$ make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    from dataclasses import fields

    from engine.settings import Settings

    documented = set(re.findall(r"PENSTOCK_([A-Z_]+)", (ROOT / "docs" / "settings.md").read_text()))
    assert documented == {field.name.upper() for field in fields(Settings)}


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *Path(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
