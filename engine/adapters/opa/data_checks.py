"""What policy data has to be: of the shape its rules need, and with no exception that has ended.

The rules say themselves what they need, so the same words that refuse a decision tell an author before there is one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.adapters.opa.command import Answer
from engine.adapters.opa.policy_data import DataFile, lay_over, read_data_file
from engine.adapters.opa.policy_tree import DATA
from engine.adapters.opa.step import Step
from engine.core import canonical
from engine.core.errors import GarbledDecision, PenstockError
from engine.core.exception_entry import state_of

_UNMET = "[n | some n in data.gate.lib.needs.unmet] with data.gate.data as input"
_FLAWS = (
    "{id: f | some id, e in input.exceptions.entries; f := data.gate.lib.exception.flaws(e)}"
    " with data.gate.data as input"
)

Ask = Callable[[str, bytes], Answer]


@dataclass(frozen=True, slots=True)
class Laid:
    """The topics of policy data as shipped or with one overlay, and how to say where something in them stands."""

    topics: Mapping[str, Any]
    files: Sequence[DataFile]
    home: Path

    def where(self, path: tuple[str, ...]) -> str:
        """File, line and column of the deepest part of a path that is written, the overlay first.

        Where nothing of it is, the file that should begin with it.
        """
        for depth in range(len(path), 0, -1):
            for file in reversed(self.files):
                if path[:depth] in file.places:
                    return file.where(path[:depth])
        return f"{self.home / path[0] / 'data.yaml'}:1:1"


def laid(root: Path, topics: Mapping[str, Any], overlays: Sequence[Path]) -> Iterator[Laid]:
    """The data as shipped, and as each overlay would have it. Overlays that don't fit are left to the data check."""
    home = root / "rego" / DATA
    shipped = [_shipped(home, topic) for topic in topics]
    yield Laid(topics, shipped, home)
    for overlay in overlays:
        try:
            file = read_data_file(overlay)
            yield Laid(lay_over(topics, file), [*shipped, file], home)
        except PenstockError:
            continue


def needs(every: Sequence[Laid], ask: Ask) -> Step:
    """Whatever a rule declares as needed is there, of its type and large enough, shipped and with each overlay."""
    problems: set[str] = set()
    for data in every:
        absent: dict[str, list[str]] = defaultdict(list)
        for need in _answer(ask(_UNMET, canonical.encode(data.topics))):
            path = tuple(str(part) for part in need["path"])
            if path[0] not in data.topics:
                absent[path[0]].append(".".join(path))
                continue
            problems.add(f"{data.where(path)}: {'.'.join(path)} has to be {_wanted(need)}; rules need it so")
        for topic, named in absent.items():
            told = ", ".join(sorted(named))
            problems.add(f"{data.where((topic,))}: this topic of the data is missing; rules need {told}, so restore it")
    return Step("needs", not problems, "what each rule needs, of its type", sorted(problems))


def exceptions(every: Sequence[Laid], ask: Ask, now: str) -> Step:
    """Every exception can be honoured; one that has ended fails, one that ends within a week is warned of."""
    problems: set[str] = set()
    warnings: set[str] = set()
    counted: dict[str, int] = {}
    for data in every:
        entries = data.topics.get("exceptions", {}).get("entries", {})
        if not entries:
            continue
        flawed = _answer(ask(_FLAWS, canonical.encode(data.topics)))
        for name, entry in entries.items():
            where, flaws = data.where(("exceptions", "entries", name)), flawed.get(name, [])
            state = "flawed" if flaws else state_of(entry, now)
            counted[name] = 1
            problems.update(f"{where}: exception {name} has {flaw}; complete it or take it away" for flaw in flaws)
            if state == "ended":
                problems.add(f"{where}: exception {name} ended on {entry['expires']} and does nothing; take it away")
            elif state == "ending":
                warnings.add(f"{where}: exception {name} ends on {entry['expires']}; {entry['owner']} answers for it")
    return Step("exceptions", not problems, f"{len(counted)} exceptions", sorted(problems), sorted(warnings))


def _shipped(home: Path, topic: str) -> DataFile:
    """A topic's own file, its lines told as paths that begin with the topic."""
    for name in ("data.yaml", "data.yml", "data.json"):
        file = home / topic / name
        if file.is_file():
            read = read_data_file(file)
            places = {(topic,): (1, 1), **{(topic, *path): place for path, place in read.places.items()}}
            return DataFile(read.name, read.value, places)
    return DataFile(str(home / topic), {}, {})


def _wanted(need: Mapping[str, Any]) -> str:
    kind = {"object": "a mapping", "array": "a list", "number": "a number", "string": "text", "boolean": "yes or no"}
    least = need.get("minimum", 1 if need["type"] == "number" else 0)
    measure = "of at least" if need["type"] == "number" else "with at least"
    return kind.get(need["type"], str(need["type"])) + (f" {measure} {least}" if least else "")


def _answer(answer: Answer) -> Any:
    try:
        return json.loads(answer.out)
    except ValueError:
        raise GarbledDecision(f"opa said {answer.told[:200]!r}", where="policy data") from None
