"""Where near misses are looked for: scenarios with a few things otherwise, the likeliest first.

A rule shows best where nothing else refuses. So what it reads is taken from a scenario in which it speaks and put into
one in which nothing refused; then single fields, and then two at once, get another value that the space or some other
scenario has for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, product
from typing import Any

from engine.adapters.opa.policy_tree import PolicyTree
from engine.core import canonical
from engine.core.corpus import Case
from engine.core.input_document import InputDocument
from engine.core.mutant import Mutant
from engine.core.policy_space import KIND, Space, applied, at, leaves, merged

NEAR, MILD, PAIRED = 6, 60, 10
VALUES = 10
PATHS = {path for path, _ in leaves(InputDocument)}


@dataclass(frozen=True, slots=True)
class Beside:
    """A case with edits of its document by dotted path, and with other topics of policy data."""

    case: Case
    edits: Mapping[str, Any] = field(default_factory=dict)
    topics: Mapping[str, Any] = field(default_factory=dict)

    def made(self) -> Case:
        """The case that this is; its name says what is otherwise."""
        told = [*self.edits.items(), *((f"policy data {topic}", "otherwise") for topic in self.topics)]
        label = "; ".join(f"{path}: {_short(value)}" for path, value in told)
        data = _together(self.case.data, self.topics) if self.topics else self.case.data
        document = applied(self.case.document, self.edits)
        return replace(self.case, scenario=f"{self.case.scenario}, but {label}", document=document, data=data)

    def without(self) -> Iterator[Beside]:
        """The same with one thing less otherwise."""
        for path in self.edits:
            yield replace(self, edits={each: value for each, value in self.edits.items() if each != path})
        for topic in self.topics:
            yield replace(self, topics={each: value for each, value in self.topics.items() if each != topic})


_made: dict[tuple[int, ...], Mapping[str, Any]] = {}


def _together(data: Mapping[str, Any], topics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Policy data with other topics; the same for the same, since loading it takes longer than asking."""
    key = (id(data), *map(id, topics.values()))  # what is made keeps the topics, and so their ids
    return _made.setdefault(key, {**data, **topics})


@dataclass(frozen=True, slots=True)
class Reads:
    """What a rule reads, its libraries included: fields of the input document and topics of policy data."""

    fields: tuple[str, ...]
    topics: tuple[str, ...]


def reads_of(tree: PolicyTree, path: str) -> Reads:
    """What a file of Rego reads, what it says itself before what its libraries do."""
    texts = [tree.rego[path].decode(), *_libraries(tree, path)]
    named = dict.fromkeys(name for text in texts for name in _fields(text))
    topics = dict.fromkeys(name for text in texts for name in re.findall(r"data\.gate\.data\.(\w+)", text))
    return Reads(tuple(named), tuple(topics))


def reads_of_limit(tree: PolicyTree, topic: str) -> Reads:
    """What is read by the files that read a topic of policy data."""
    using = [path for path, text in tree.rego.items() if f"data.gate.data.{topic}".encode() in text]
    using += [path for path in tree.rego if any(lib.split("/")[2] in _imports(tree, path) for lib in using)]
    every = [reads_of(tree, path) for path in using]
    return Reads(tuple(dict.fromkeys(name for reads in every for name in reads.fields)), (topic,))


def candidates(mutant: Mutant, reads: Reads, space: Space, cases: Sequence[Case]) -> Iterator[Beside]:
    """Cases beside the rule of a damage, or beside a limit."""
    near = sorted((case for case in cases if mutant.rule in case.spoke), key=lambda case: len(case.spoke))[:NEAR]
    mild = list(_diverse(case for case in cases if case.end.outcome != "deny"))[:MILD]
    for told, case in product(near, mild):
        yield from _grafted(case, told, reads)
    if mutant.rule.startswith("contract/"):
        for case in mild[:PAIRED]:
            yield from _misshapen(case)
    changes = list(_changes(reads, space, cases, mutant))
    for case in (*near, *mild):
        yield from (Beside(case, edits, topics) for edits, topics in changes)
    for topic in reads.topics:
        usual = canonical.digest([cases[0].data.get(topic)])
        special = sorted((*near, *mild), key=lambda case: canonical.digest([case.data.get(topic)]) == usual)
        for case in special[:PAIRED]:
            yield from (Beside(case, {}, {topic: value}) for value in _miswritten(case.data.get(topic)))
    for case in (*near[:PAIRED], *mild[:PAIRED]):
        for (one, topics), (two, further) in combinations(changes, 2):
            yield Beside(case, merged(one, two), {**topics, **further})


def repaired(beside: Beside, refusing: Iterable[Reads], kept: Reads, cases: Sequence[Case]) -> Beside | None:
    """The same with what other rules refuse for taken from a case of the same kind in which nothing was refused."""
    made = beside.made()
    mild = [case for case in cases if case.end.outcome != "deny"]
    alike = [case for case in mild if at(case.document, KIND) == at(made.document, KIND)]
    if not (alike or mild):
        return None
    sound = (alike or mild)[0]
    fields = {name for reads in refusing for name in reads.fields} - {*kept.fields}
    topics = {name for reads in refusing for name in reads.topics} - {*kept.topics}
    edits = {name: at(sound.document, name) for name in fields if at(made.document, name) != at(sound.document, name)}
    data = {name: sound.data[name] for name in topics if name in sound.data and made.data.get(name) != sound.data[name]}
    return Beside(beside.case, merged(beside.edits, edits), {**beside.topics, **data}) if edits or data else None


def _grafted(case: Case, told: Case, reads: Reads) -> Iterator[Beside]:
    """What a rule reads, from a case in which it speaks, in one in which nothing refused; then all but one of it."""
    edits = {
        name: at(told.document, name) for name in reads.fields if at(told.document, name) != at(case.document, name)
    }
    topics = {name: told.data[name] for name in reads.topics if told.data.get(name) != case.data.get(name)}
    whole = Beside(case, edits, topics)
    if edits or topics:
        yield whole
        yield from whole.without()


def _changes(
    reads: Reads, space: Space, cases: Sequence[Case], mutant: Mutant
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each other value of each field and topic that is read: of the space, of other cases, and beside a limit."""
    for name in reads.fields:
        for axis in space.axes:
            if axis.name == name or axis.name.startswith(f"{name}.") or name.startswith(f"{axis.name}."):
                yield from ((choice.edits, {}) for choice in axis.choices)
        seen = {canonical.digest([value]): value for case in cases if (value := at(case.document, name)) is not None}
        for value in [*islice(seen.values(), VALUES), *_beside_limit(name, seen.values(), mutant)]:
            yield {name: value}, {}
    for topic in reads.topics:
        told = {canonical.digest([case.data[topic]]): case.data[topic] for case in cases if topic in case.data}
        yield from (({}, {topic: value}) for value in islice(told.values(), VALUES))


def _beside_limit(name: str, seen: Iterable[Any], mutant: Mutant) -> Iterator[int]:
    if mutant.path and mutant.text.isdigit() and any(type(value) is int for value in seen):
        yield from (int(mutant.text) + more for more in (0, 1, -1) if int(mutant.text) + more >= 0)


def _misshapen(case: Case) -> Iterator[Beside]:
    """Each field of another type, or out of its bounds, and policy data that lacks a key."""
    for path in sorted(PATHS):
        listed = isinstance(at(case.document, path), list)
        for value in ([None], [{}], [1], {}) if listed else (None, "unheard of", -1, 0.5, 10_000_000_000, {}):
            yield Beside(case, {path: value})
    for topic, keys in case.data.items():
        for left_out in keys:
            yield Beside(case, {}, {topic: {key: value for key, value in keys.items() if key != left_out}})


def _miswritten(value: Any, beside: Sequence[Any] = ()) -> Iterator[Any]:
    """Policy data with one thing in it left out, of another type, or a list that holds less or more."""
    if isinstance(value, Mapping):
        lists = [each for each in value.values() if isinstance(each, list)]
        for key, inner in value.items():
            yield {each: kept for each, kept in value.items() if each != key}
            yield from ({**value, key: other} for other in _miswritten(inner, lists))
    elif isinstance(value, list):
        yield from (None, [], *({tuple(map(str, each)): [*value, *each] for each in beside}.values()))
        for position, inner in enumerate(value):
            changed = _miswritten(inner) if isinstance(inner, Mapping) else ()
            yield from ([*value[:position], other, *value[position + 1 :]] for other in changed)
    else:
        yield from (None, "unheard of", 0)


def _diverse(cases: Iterable[Case]) -> Iterator[Case]:
    """One case of each sort first, those in which least was said before others."""
    sorts = ("proposer.kind", "stage", "facts.target.environment", KIND)
    seen: set[tuple[Any, ...]] = set()
    for case in sorted(cases, key=lambda case: (case.end.outcome != "allow", len(case.spoke))):
        sort = (*(at(case.document, name) for name in sorts), at(case.document, "incident") is None, case.end.tier)
        if sort not in seen:
            seen.add(sort)
            yield case


def _fields(text: str) -> Iterator[str]:
    """The paths of the input document that Rego names, dotted or as a list, as far as the document has them."""
    listed = (".".join(re.findall(r'"(\w+)"', path)) for path in re.findall(r"input, \[([^\]]*)\]", text))
    for name in (*re.findall(r"\binput\.([a-z_][\w.]*)", text), *filter(None, listed)):
        yield from (
            path for path in PATHS if path == name or path.startswith(f"{name}.") or name.startswith(f"{path}.")
        )


def _imports(tree: PolicyTree, path: str) -> set[str]:
    return set(re.findall(r"import data\.gate\.lib\.(\w+)", tree.rego[path].decode()))


def _libraries(tree: PolicyTree, path: str) -> Iterator[str]:
    """The texts of what a file imports, and of what that imports."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        for name in _imports(tree, waiting.pop()) - seen:
            seen.add(name)
            found = [file for file in tree.rego if file.startswith(f"gate/lib/{name}/")]
            waiting += found
            yield from (tree.rego[file].decode() for file in found)


def _short(value: Any) -> str:
    told = value if isinstance(value, str) and value else canonical.encode(value).decode()
    return told if len(told) <= 60 else f"{told[:59]}…"
