"""What a policy author needs before a policy is fit: one list of checks, run by ``opa`` itself.

Each check says what to mend, file, line and column first. They run in rounds: what can't be read or doesn't compile
would make every later check fail for the same mistake, so those wait until it is mended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from engine.adapters.opa.annotations import doubled, known_words
from engine.adapters.opa.bundle import load_bundle
from engine.adapters.opa.command import Answer, complaints, run_opa, told_once
from engine.adapters.opa.data_checks import exceptions, laid, needs
from engine.adapters.opa.policy_data import lay_over, read_data_file
from engine.adapters.opa.policy_tree import CAPABILITIES, DATA, read_policies
from engine.adapters.opa.regal import lint
from engine.adapters.opa.step import Step, not_run
from engine.core.errors import BadInput, GarbledDecision, PenstockError

REGO, CHECKS, OVERLAYS, SCHEMA = "rego", "checks", "overlays", "rego/gate/schema"
AT_ONCE = 2
STOPS = ("files", "data", "strict", "needs")  # after these, what comes later would fail for the same mistake
CONVENTIONS = "data.checks.conventions.deny"
COVERAGE = "100"
_PATIENT = ("--timeout", "60s")  # a test's own; OPA's five seconds are too few where the machine is busy
FIRST_RELEASE = "0.1.0"


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule says of itself, from its annotations; ``rule`` is its id and ``path`` its file.

    ``since`` is the first release that had it.
    """

    rule: str
    title: str
    why: str
    remedy: str
    severity: str
    exceptable: bool
    since: str
    path: str


class Workbench:
    """The checks on one policies folder."""

    def __init__(self, policies: Path, *, opa: Path, cache: Path, regal: Path | None = None, shown: Path | None = None):
        """``regal`` is the linter where there is one; ``shown`` is the folder to name in sentences, if not this."""
        self._root = policies
        self._shown = shown or policies
        self._regal = regal
        self._opa = opa
        self._cache = cache

    def check(self, overlays: Sequence[Path] = (), *, now: str) -> Iterator[Step]:
        """Every check, each as soon as it is done; ``overlays`` are data files to try besides the shipped ones.

        ``now``, RFC 3339, is when exceptions are asked whether they have ended.
        """
        self._look()
        tested = self._tested()
        rounds: list[dict[str, Callable[[], Step]]] = [
            {"files": self.files},
            {"data": self.data, "annotations": self.annotations},
            {"overlays": partial(self.overlays, overlays), "format": self.format, "strict": self.strict},
            {name: partial(self._judged, name, overlays, now) for name in ("needs", "exceptions")},
            {
                "compiles": self.compiles,
                "conventions": self.conventions,
                **{f"tests of {folder}": partial(self.tests, folder) for folder in tested},
                **{f"coverage of {folder}": partial(self.coverage, folder) for folder in tested},
                "regal": lambda: lint(self._regal, self._root, self._parts(REGO, CHECKS)),
            },
        ]
        failed: list[str] = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for some in rounds:
                if failed:
                    yield from (not_run(name, f"{failed[0]} failed") for name in some)
                    continue
                for step in pool.map(lambda check: check(), some.values()):
                    failed += [step.name] if step.failed and step.name in STOPS else []
                    yield step

    def test(self) -> Iterator[Step]:
        """The tests and their coverage alone."""
        for folder in self._tested():
            yield self.tests(folder)
            yield self.coverage(folder)

    def files(self) -> Step:
        """The folder is whole: manifest, capabilities, rules; nothing is a link, out of place or there twice."""
        try:
            tree = read_policies(self._root)
            problems = list(doubled(tree))
        except PenstockError as error:
            return Step("files", False, "", [str(error)])
        except UnicodeDecodeError as error:
            return Step("files", False, "", [f"{self._root}: a file isn't UTF-8 ({error.reason})"])
        return Step("files", not problems, f"{len(tree.rego)} policy and {len(tree.data_files)} data files", problems)

    def format(self, files: Sequence[str] = ()) -> Step:
        """Every file, or each of ``files``, is as ``opa fmt`` writes it; what can't be parsed is left to ``strict``."""
        answer = self._run("fmt", "--list", *(files or self._parts(REGO, CHECKS)))
        names = answer.out.decode(errors="replace").split()
        problems = [f"{self._name(name)}: is not as opa fmt writes it; run opa fmt -w" for name in names]
        if answer.code and not problems:
            return not_run("format", "a file can't be parsed")
        return Step("format", not problems, "opa fmt", problems)

    def strict(self) -> Step:
        """The compiler's strict mode, with the input's schema and only the built-ins that Wasm has."""
        if not (self._root / SCHEMA).is_dir():
            where = str(self._root / SCHEMA)
            return Step("strict", False, "", [f"{where}: is missing, so a misspelt field would not be found"])
        flags = ("--strict", "--capabilities", CAPABILITIES, "--format", "json")
        answers = [self._run("check", *flags, "--schema", SCHEMA, "--bundle", REGO)]
        answers += [self._run("check", *flags, part) for part in self._parts(CHECKS)]
        problems = [said for answer in answers if answer.code for said in self._complaints(answer, remedies=True)]
        return Step("strict", not problems, "opa check with schema and capabilities", problems)

    def annotations(self) -> Step:
        """No annotation says a word that nobody reads, and no two files are one rule."""
        try:
            return known_words(read_policies(self._root))
        except (PenstockError, UnicodeDecodeError) as error:
            return Step("annotations", False, "", [str(error)])

    def data(self) -> Step:
        """Data files are read alike by the gate and by ``opa``."""
        try:
            topics = read_policies(self._root).data()["gate"]["data"]
            theirs = self._json(self._run("eval", "--data", f"{REGO}/{DATA}", "--format", "raw", "data"))
        except PenstockError as error:
            return Step("data", False, "", [str(error)])
        problems = [f"{name}: opa reads it otherwise" for name in topics if theirs.get(name) != topics[name]]
        return Step("data", not problems, f"{len(topics)} topics", problems)

    def overlays(self, given: Sequence[Path] = ()) -> Step:
        """Every overlay, shipped or ``given``, fits over the data."""
        problems: list[str] = []
        every = [*sorted((self._root / OVERLAYS).glob("*.yaml")), *given]
        topics = read_policies(self._root).data()["gate"]["data"]
        for overlay in every:
            try:
                lay_over(topics, read_data_file(overlay))
            except PenstockError as error:
                problems.append(str(error))
        return Step("overlays", not problems, f"{len(every)} laid over the data", problems)

    def _judged(self, name: str, overlays: Sequence[Path], now: str) -> Step:
        """What the rules need of the data, and its exceptions, as shipped and with each overlay."""
        try:
            topics = read_policies(self._root).data()["gate"]["data"]
            every = list(laid(self._root, topics, [*sorted((self._root / OVERLAYS).glob("*.yaml")), *overlays]))
            return needs(every, self._ask) if name == "needs" else exceptions(every, self._ask, now)
        except PenstockError as error:
            return Step(name, False, "", [str(error)])

    def _ask(self, query: str, document: bytes) -> Answer:
        arguments = ("eval", "--bundle", REGO, "--stdin-input", "--format", "raw", query)
        return run_opa(self._opa, arguments, folder=self._root, stdin=document)

    def compiles(self) -> Step:
        """The bundle builds for both evaluators, and the module loads with no built-in of the host."""
        from engine.adapters.opa.embedded import EmbeddedPolicyEngine

        try:
            bundle = load_bundle(self._root, cache=self._cache, opa=lambda: self._opa)
            EmbeddedPolicyEngine(bundle, cache=self._cache).close()
        except PenstockError as error:
            return Step("compiles", False, "", [str(error)])
        return Step("compiles", True, f"policy {bundle.revision} for Wasm and for a server")

    def conventions(self) -> Step:
        """The project's own rules about rules, in Rego, over what ``opa inspect`` says of them."""
        if not (self._root / CHECKS).is_dir():
            return Step("conventions", True, "this folder has none of its own")
        inspected = self._run("inspect", "--annotations", "--format", "json", REGO)
        if inspected.code:
            return Step("conventions", False, "", self._complaints(inspected))
        query = ("eval", "--stdin-input", "--data", CHECKS, "--format", "raw", CONVENTIONS)
        answer = run_opa(self._opa, query, folder=self._root, stdin=inspected.out)
        denied = self._json(answer)
        problems = sorted(map(str, denied)) if isinstance(denied, list) else [f"{CONVENTIONS} is not a set"]
        return Step("conventions", not problems, f"{CHECKS}/ over every rule", problems)

    def tests(self, folder: str = REGO, *, only: Sequence[str] = ()) -> Step:
        """Every test of a folder, or ``only`` of some rules; one that is skipped, or none at all, is a failure."""
        wanted = "|".join(rf"^data\.gate\.rules\.{rule.replace('/', '[.]')}_test[.]" for rule in only)
        flags = (*_PATIENT, "--fail-on-empty", "--format", "json", *(("--run", wanted) if wanted else ()))
        loaded = ("--capabilities", CAPABILITIES, folder) if only else self._loaded(folder)  # as a bundle takes longer
        answer = self._run("test", *loaded, *flags)
        try:
            ran: list[dict[str, Any]] = json.loads(answer.out or b"null") or []
        except ValueError:
            ran = []
        problems = [
            f"{self._name(case['location']['file'])}:{case['location']['row']}:{case['location']['col']}: "
            f"{case['name']} {_why(case)}"
            for case in ran
            if case.get("fail") or case.get("error") or case.get("skip")
        ]
        if answer.code and not problems:
            problems = self._complaints(answer)
        return Step(f"tests of {folder}", not problems, f"{len(ran)} tests", problems)

    def coverage(self, folder: str = REGO) -> Step:
        """Every line of a folder is run by some test."""
        flags = (*_PATIENT, "--coverage", "--coverage-runs", "", "--threshold", COVERAGE, "--format", "json")
        answer = self._run("test", *self._loaded(folder), *flags)
        if answer.code == 0:
            lines = self._json(answer).get("covered_lines", 0)
            return Step(f"coverage of {folder}", True, f"{lines} lines, {COVERAGE} %")
        whole = self._run("test", *self._loaded(folder), *_PATIENT, "--coverage", "--format", "json")
        if whole.code:
            return not_run(f"coverage of {folder}", "not every test passes")
        files: dict[str, Any] = self._json(whole).get("files", {})
        problems = [
            f"{self._name(name)}:{missed['start']['row']}:1: no test runs this; write one, or take it away"
            for name, told in sorted(files.items())
            for missed in told.get("not_covered", ())
        ]
        return Step(f"coverage of {folder}", False, "", problems or self._complaints(answer))

    def rules(self) -> list[RuleText]:
        """Every rule's own words, by id. Raises :class:`BadInput` when the policies can't be read."""
        inspected = self._run("inspect", "--annotations", "--format", "json", REGO)
        if inspected.code:
            raise BadInput(self._complaints(inspected)[0], where=str(self._root), remedy="Run penstock policy check")
        found = [
            _rule_text(parts[3:], said)
            for said in self._json(inspected).get("annotations", [])
            if (parts := [str(step["value"]) for step in said.get("path", [])])[:3] == ["data", "gate", "rules"]
            and said["annotations"].get("scope") == "package"
            and not parts[-1].endswith("_test")
        ]
        return sorted(found, key=lambda text: text.rule)

    def _tested(self) -> list[str]:
        return [part for part in (REGO, CHECKS) if part == REGO or (self._root / part).is_dir()]

    def _loaded(self, folder: str) -> tuple[str, ...]:
        return ("--capabilities", CAPABILITIES, "--bundle", folder) if folder == REGO else (folder,)

    def _parts(self, *names: str) -> list[str]:
        return [name for name in names if (self._root / name).is_dir()]

    def _look(self) -> None:
        if not self._root.is_dir():
            raise BadInput("is not a policies folder", where=str(self._root), remedy="Give a policies folder")

    def _run(self, *arguments: str) -> Answer:
        self._look()
        return run_opa(self._opa, arguments, folder=self._root)

    def _json(self, answer: Answer) -> Any:
        try:
            return json.loads(answer.out)
        except ValueError:
            raise GarbledDecision(f"opa said {answer.said[:200]!r}", where=str(self._root)) from None

    def _name(self, file: str) -> str:
        return str(self._shown / file)

    def _complaints(self, answer: Answer, *, remedies: bool = False) -> list[str]:
        said = told_once(complaints(answer.told))
        found = [(c.where, f"{c.text}; {c.remedy}" if remedies else c.text) for c in said]
        return [f"{self._name(where)}: {text}" if where else text for where, text in found]


def _why(case: dict[str, Any]) -> str:
    if case.get("skip"):
        return "is skipped"
    return f"fails ({case['error'].get('message', 'error')})" if case.get("error") else "fails"


def _rule_text(identity: list[str], said: dict[str, Any]) -> RuleText:
    words = said["annotations"]
    custom = words.get("custom", {})
    return RuleText(
        rule="/".join(identity),
        title=words.get("title", ""),
        why=" ".join(words.get("description", "").split()),
        remedy=custom.get("remedy", ""),
        severity=custom.get("severity", "critical"),
        exceptable=bool(custom.get("exceptable", False)),
        since=str(custom.get("since", FIRST_RELEASE)),
        path=said["location"]["file"],
    )
