"""The page is what policy answers: data made laxer changes it, and a rule that is there only on paper doesn't show."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from engine.entrypoints.cli.main import main
from tests.conftest import ROOT

AT = "2026-11-16T10:00:00Z"
Page = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def page() -> Page:
    """The page as a document; the same one isn't asked for twice."""

    @cache
    def ask(*arguments: Any) -> dict[str, Any]:
        with redirect_stdout(StringIO()) as told:
            assert main(["policy", "matrix", "-o", "json", "--at", AT, *map(str, arguments)]) == 0
        found: dict[str, Any] = json.loads(told.getvalue())
        return found

    return ask


def answers(page: dict[str, Any], kind: str) -> list[str]:
    return next(row["answers"] for row in page["rows"] if kind in row["kinds"])


@pytest.fixture
def data(tmp_path: Path) -> Callable[[str], Path]:
    """An overlay of this text."""

    def lay(text: str) -> Path:
        file = tmp_path / "ours.yaml"
        file.write_text(text)
        return file

    return lay


def test_as_shipped_nothing_that_changes_anything_goes_alone(page: Page) -> None:
    shipped = page()
    assert not any(answer == "alone" for row in shipped["rows"] for answer in row["answers"])
    assert answers(shipped, "rollback_workload") == ["2 of the owning team", *["1 of the owning team"] * 3]
    assert answers(shipped, "escalate") == ["alone, changes nothing"] * 4
    assert answers(shipped, "change_rbac")[0].startswith("proposed by a person: 1 of admin")
    assert shipped["places"] == {}


def test_a_row_of_the_matrix_made_laxer_changes_its_cell_alone(page: Page, data: Any) -> None:
    before = page()
    after = page(
        "--data", data("approvals:\n  matrix:\n    moderate:\n      production:\n        critical: {owner: 1}\n")
    )
    assert answers(after, "rollback_workload") == ["1 of the owning team"] * 4
    assert answers(after, "restart_workload") == answers(before, "restart_workload")
    assert answers(after, "delete_resource") == answers(before, "delete_resource")


def test_a_place_that_opted_in_shows_in_what_differs_there(page: Page) -> None:
    there = page("--data", ROOT / "policies" / "overlays" / "demo.yaml")
    (row,) = there["places"]["prod-eu/payments"]
    assert (row["kinds"], row["answers"]) == (["restart_workload"], ["alone"] * 4)
    assert answers(there, "restart_workload") == ["1 of the owning team"] * 4


def test_opting_in_that_a_rule_holds_back_does_not_show_as_alone(page: Page, data: Any) -> None:
    text = (ROOT / "policies" / "overlays" / "demo.yaml").read_text() + "  excluded: {actions: [restart_workload]}\n"
    kept = page("--data", data(text))["places"]["prod-eu/payments"]
    assert [row["answers"] for row in kept if "restart_workload" in row["kinds"]] == [
        ["proposed by a person: alone"] * 4
    ]


def test_a_freeze_that_runs_now_shows_where_it_holds(page: Page, data: Any) -> None:
    freeze = 'windows:\n  freezes:\n    now: {scope: {cluster: prod-eu}, from: "2026-11-01T00:00:00Z",'
    frozen = page("--data", data(freeze + ' to: "2026-12-01T00:00:00Z", from_tier: 2, reason: a fair}\n'))
    rows = {kind: row["answers"] for row in frozen["places"]["prod-eu/any namespace"] for kind in row["kinds"]}
    assert rows["rollback_workload"] == ["never: change_window/freeze"] * 4
    assert "restart_workload" not in rows
    assert answers(frozen, "rollback_workload") == ["2 of the owning team", *["1 of the owning team"] * 3]


def test_a_rule_taken_away_shows_though_its_data_stays(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", folder)
    shutil.rmtree(folder / "rego/gate/rules/approval/owner")
    after = page("--policies", folder)
    assert answers(after, "rollback_workload") != answers(page(), "rollback_workload")


def test_what_stops_everything_is_named(page: Page) -> None:
    situations = page()["situations"]
    assert situations["the switch is frozen"] == "automation: nothing; people: nothing; stopped by switch/frozen"
    assert situations["data would be lost"].startswith("automation: nothing; people: ")
    assert "evidence/cited_exists" in situations["cited evidence doesn't exist"]


def test_the_page_is_short_and_html_carries_no_markup_of_data(capsys: pytest.CaptureFixture[str], data: Any) -> None:
    overlay = data("autonomy:\n  phases:\n    namespaces:\n      prod: {'<script>|x': safe_alone}\n")
    assert main(["policy", "matrix", "--at", AT, "--data", str(overlay)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 60
    assert main(["policy", "matrix", "-o", "html", "--at", AT, "--data", str(overlay)]) == 0
    shown = capsys.readouterr().out
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
