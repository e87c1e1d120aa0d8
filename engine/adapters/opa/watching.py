"""Checks again what an author just saved: fast enough to be read before the next key is pressed.

Only the tests of the rule that changed are compiled and run. What many rules use has no such shortcut: then every
test runs.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from engine.adapters.opa.policy_tree import CAPABILITIES, MANIFEST, RULES
from engine.adapters.opa.step import Step
from engine.adapters.opa.workbench import REGO, Workbench

EVERY_SECONDS = 0.2
_WATCHED = (".rego", ".yaml", ".yml", ".json", MANIFEST)
Seen = Mapping[str, tuple[int, int]]


class Watching:
    """One policies folder, as it was at the last look."""

    def __init__(self, policies: Path, *, opa: Path) -> None:
        self._root, self._opa = policies, opa
        self._seen = self._files()

    def look(self) -> Iterator[Step]:
        """What has to be said of the files that changed since the last look; nothing when none did."""
        seen = self._files()
        changed = {name for name in {*seen, *self._seen} if seen.get(name) != self._seen.get(name)}
        self._seen = seen
        if changed:
            yield from self.recheck(changed)

    def recheck(self, changed: set[str]) -> Iterator[Step]:
        """Format, strictness and the tests concerned; ``changed`` are paths below the policies folder."""
        bench = Workbench(self._root, opa=self._opa, cache=self._root)
        rules = {_rule_of(name) for name in changed}
        concerned = bench.tests if "" in rules else partial(self._tests, rules)
        saved = sorted(name for name in changed if name.endswith(".rego") and (self._root / name).is_file())
        checks: list[Callable[[], Step]] = [partial(bench.format, saved), bench.strict, concerned]
        with ThreadPoolExecutor(len(checks)) as pool:
            yield from pool.map(lambda check: check(), checks)

    def _tests(self, rules: set[str]) -> Step:
        """The tests of some rules, compiled with every rule, since libraries ask them all, and with no other tests."""

        def others(folder: str, names: list[str]) -> set[str]:
            place = Path(folder).relative_to(self._root / REGO).as_posix() + "/"
            judged = place.startswith(RULES) and place.removeprefix(RULES).rstrip("/") not in rules
            return {name for name in names if judged and name.endswith("_test.rego")}

        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            shutil.copy(self._root / CAPABILITIES, folder)
            shutil.copytree(self._root / REGO, folder / REGO, ignore=others)
            step = Workbench(folder, opa=self._opa, cache=folder, shown=self._root).tests(REGO, only=sorted(rules))
        return Step(f"tests of {', '.join(sorted(rules))}", step.passed, step.covered, step.problems)

    def _files(self) -> Seen:
        found: dict[str, tuple[int, int]] = {}
        for file in self._root.rglob("*"):
            if file.name.endswith(_WATCHED) and file.is_file():
                about = file.stat()
                found[file.relative_to(self._root).as_posix()] = (about.st_mtime_ns, about.st_size)
        return found


def _rule_of(name: str) -> str:
    """The rule a file belongs to, ``""`` for what more than one rule uses."""
    parts = name.removeprefix(f"{REGO}/{RULES}").split("/")
    return "/".join(parts[:2]) if name.startswith(f"{REGO}/{RULES}") and len(parts) == 3 else ""
