"""The page of all rules is what the rules say of themselves today."""

from __future__ import annotations

import pytest

from engine.entrypoints.cli.main import main
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "rules.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text()


@pytest.mark.exhaustive
def test_the_page_is_current(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "docs", "--policies", str(ROOT / "policies")]) == 0
    assert capsys.readouterr().out == page, "run: penstock policy docs > docs/rules.md"


def test_most_rules_show_an_input_in_which_they_speak_and_one_that_they_let_by(page: str) -> None:
    rules = page.count("\n### ")
    assert page.count("- speaks: ") == page.count("- is silent: ") >= 0.75 * rules
    assert page.count("since 0.1.0") == rules
