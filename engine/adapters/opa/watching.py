"""Checks again what an author just saved: fast enough to be read before the next key is pressed.

Only the tests of the rule that changed are compiled and run, and it is checked strictly without the other rules, which
no rule names. What many rules use has no such shortcut: then everything is checked.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.adapters.opa.policy_tree import CAPABILITIES, MANIFEST, RULES
from engine.adapters.opa.step import Step, not_run
from engine.adapters.opa.workbench import REGO, Workbench

EVERY_SECONDS = 0.2
_IMPORTED = re.compile(rb"^import data\.(\S+_test)\b", re.MULTILINE)
_PACKAGE = re.compile(rb"^package (\S+)", re.MULTILINE)
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
        saved = sorted(name for name in changed if name.endswith(".rego") and (self._root / name).is_file())
        checks: list[Callable[[], Step]] = [partial(bench.format, saved), bench.strict, bench.tests]
        if "" not in rules:
            checks[1:] = [partial(self._strict, rules), partial(self._tests, rules)]
        unfit = False
        with ThreadPoolExecutor(len(checks)) as pool:
            for step in pool.map(lambda check: check(), checks):
                yield not_run(step.name, "strict failed") if unfit else step
                unfit = unfit or (step.failed and step.name.startswith("strict"))

    def _strict(self, rules: set[str]) -> Step:
        """Some rules by themselves, with what they use: a rule names no other one."""
        with tempfile.TemporaryDirectory() as scratch:
            step = self._part(Path(scratch), rules, alone=True).strict()
        return replace(step, name=f"strict {', '.join(sorted(rules))}")

    def _tests(self, rules: set[str]) -> Step:
        """The tests of some rules, compiled with every rule, since libraries ask them all, and with no other tests."""
        with tempfile.TemporaryDirectory() as scratch:
            step = self._part(Path(scratch), rules, alone=False).tests(REGO, only=sorted(rules))
        return replace(step, name=f"tests of {', '.join(sorted(rules))}")

    def _part(self, folder: Path, rules: set[str], *, alone: bool) -> Workbench:
        """A copy of the policies without the tests of other rules, and ``alone`` without those rules themselves."""
        kept = self._imported()

        def others(place: str, names: list[str]) -> set[str]:
            inside = Path(place).relative_to(self._root / REGO).as_posix() + "/"
            if inside.removeprefix(RULES).rstrip("/") in rules:
                return set()
            foreign = alone and inside.startswith(RULES) and inside.count("/") > RULES.count("/") + 1
            files = [name for name in names if name.endswith(".rego")]
            return {name for name in files if foreign or self._spare(Path(place, name), kept)}

        shutil.copy(self._root / CAPABILITIES, folder)
        shutil.copytree(self._root / REGO, folder / REGO, ignore=others)
        return Workbench(folder, opa=self._opa, cache=folder, shown=self._root)

    def _imported(self) -> set[bytes]:
        """The packages of tests that other tests use."""
        tests = (self._root / REGO).rglob("*_test.rego")
        return {name for test in tests for name in _IMPORTED.findall(test.read_bytes())}

    def _spare(self, file: Path, kept: set[bytes]) -> bool:
        """Whether a file is a test that nobody else uses."""
        return file.name.endswith("_test.rego") and not kept & set(_PACKAGE.findall(file.read_bytes()))

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
