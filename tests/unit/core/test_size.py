"""Nobody has to read a module of more than 450 lines, or look for a room without a purpose."""

from __future__ import annotations

from pathlib import Path

ENGINE = Path(__file__).parents[3] / "engine"


def test_no_module_is_over_450_lines() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in ENGINE.rglob("*.py")}
    assert not {str(path): size for path, size in sizes.items() if size > 450}


def test_no_module_is_named_for_nothing() -> None:
    nameless = {"utils", "util", "common", "helpers", "helper", "misc"}
    assert not [path for path in ENGINE.rglob("*.py") if path.stem in nameless]
