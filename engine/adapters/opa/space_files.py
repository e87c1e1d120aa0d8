"""Reads ``policies/invariants``: the sentences, the space they are tried in, and the organisation in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from engine.adapters.opa.policy_data import DataFile, read_data_file
from engine.core.action.catalogue import CATALOGUE
from engine.core.corpus import Case
from engine.core.errors import BadInput
from engine.core.input_document import InputDocument
from engine.core.invariant import VERDICT, Invariant, Relation, Said, Way, unknown_tests
from engine.core.policy_space import NOTHING, Choice, Space, Wording, difference, leaves, make_space
from engine.core.what_if import read_input

FOLDER = "invariants"
BASE, WORLD, SPACE, SENTENCES = "base.json", "world.yaml", "space.yaml", "sentences.yaml"
UNKNOWN_KIND = "no_such_kind"
_HELP = "See docs/proving.md for its form"
_FIELDS = {"says", "when", "then", "over", "absent", "leaves_out", "whole", "compare", "never"}
_COMPARE = {"larger", "smaller", "other", "first", "second", "each_review"}
_ELSEWHERE = ("action.target.", "proposer.id", "facts.target.owner", "time", "approvals", "receipt", "facts.budgets")


def read_space(policies: Path, cases: Iterable[Case] = ()) -> Space:
    """The space that ``space.yaml`` and ``base.json`` describe, starting also from a case of each kind of action.

    Raises :class:`BadInput` for a base that is no whole input document, and for words about fields that aren't there.
    """
    folder = policies / FOLDER
    file = read_data_file(folder / SPACE)
    base = read_input(read_data_file(folder / BASE).value, where=str(folder / BASE)).model_dump(mode="json")
    absent = sorted(name for name in ("incident", "runbook", "receipt") if base[name] is None)
    if absent:
        raise BadInput(f"has no {absent[0]}", where=str(folder / BASE), remedy="Give every section, to vary it")
    wording = _wording(file)
    kinds = [*CATALOGUE, UNKNOWN_KIND]
    return make_space(base, wording, kinds, list(_starts(base, cases)))


def read_sentences(policies: Path) -> list[Invariant]:
    """The invariants of a policies folder, in order. Raises :class:`BadInput` naming the line."""
    file = read_data_file(policies / FOLDER / SENTENCES)
    paths = {path for path, _ in leaves(InputDocument)}
    found = [_sentence(file, name, about, paths) for name, about in file.value.items()]
    if not found:
        raise BadInput("holds no sentence", where=file.name, remedy=_HELP)
    return found


def world_of(policies: Path) -> Path:
    """The data overlay of the organisation in which sentences are tried."""
    return policies / FOLDER / WORLD


def _wording(file: DataFile) -> Wording:
    wanted = set(Wording.__dataclass_fields__)
    if set(file.value) != wanted:
        raise BadInput(f"has to have {', '.join(sorted(wanted))} and nothing else", where=file.name, remedy=_HELP)
    paths = {path for path, _ in leaves(InputDocument)}
    for topic in ("values", "elements", "lists"):
        for path in file.value[topic]:
            if path not in paths:
                raise BadInput(f"{path} is no field of the input", where=file.where((topic, path)), remedy=_HELP)
    return Wording(**file.value)


def _starts(base: Mapping[str, Any], cases: Iterable[Case]) -> Iterable[Choice]:
    """The mildest case of each kind of action, as what differs from the base; who and where are the base's own."""
    order = {"allow": 0, "require_approval": 1, "deny": 2}
    found: dict[str, Case] = {}
    for case in cases:
        kind = case.document["action"]["kind"]
        if kind not in found or order[case.end.outcome] < order[found[kind].end.outcome]:
            found[kind] = case
    for kind, case in sorted(found.items()):
        edits = difference(base, case.document)
        kept = {path: value for path, value in edits.items() if not path.startswith(_ELSEWHERE)}
        yield Choice(f"{kind} of “{case.scenario}”", kept)


def _sentence(file: DataFile, name: str, about: Any, paths: set[str]) -> Invariant:
    where = file.where((name,))
    if not isinstance(about, dict) or not isinstance(about.get("says"), str) or not about["says"].strip():
        raise BadInput(f"{name} doesn't say anything", where=where, remedy=_HELP)
    unknown = sorted(set(about) - _FIELDS)
    if unknown:
        raise BadInput(f"unknown word {unknown[0]!r}", where=where, remedy=f"Use {', '.join(sorted(_FIELDS))}")
    made = Invariant(
        name=name,
        says=about["says"],
        when=tuple(about.get("when", NOTHING).items()),
        then=tuple((f"{VERDICT}{word}", want) for word, want in about.get("then", NOTHING).items()),
        relation=_relation(about, where),
        over=tuple(about.get("over", ())),
        absent=tuple(about.get("absent", ())),
        leaves_out=about.get("leaves_out", False) is True,
        whole=about.get("whole", False) is True,
    )
    _check(made, where, paths)
    return made


def _relation(about: Mapping[str, Any], where: str) -> Relation | None:
    how = about.get("compare")
    if how is None:
        return None
    if not isinstance(how, dict) or not how or set(how) - _COMPARE:
        raise BadInput("compares in no known way", where=where, remedy=f"Use {', '.join(sorted(_COMPARE))}")
    if about.get("never") not in ("laxer", "stricter", "different"):
        raise BadInput("doesn't say what never happens", where=where, remedy="Give never: laxer, stricter or different")
    ways = [(path, cast(Way, way)) for way in ("larger", "smaller", "other") for path in how.get(way, ())]
    laid = {word: tuple(how.get(word, NOTHING).items()) for word in ("first", "second", "each_review")}
    return Relation(tuple(ways), laid["first"], laid["second"], laid["each_review"], about["never"])


def _check(made: Invariant, where: str, paths: set[str]) -> None:
    """Every path is the input document's, every word about a verdict is known, and something is said at all."""
    words = {f"{VERDICT}{word}" for word in Said.__dataclass_fields__}
    laid = [*made.relation.first, *made.relation.second] if made.relation else []
    asked = [*made.names, *(path for path, _ in laid), *(path for path, _ in (*made.when, *made.then))]
    strange = [path for path in asked if path not in paths and path not in words]
    strange += [word for _, want in (*made.when, *made.then) for word in unknown_tests(want)]
    if strange:
        raise BadInput(f"{strange[0]} is neither a field, a word about a verdict nor a test", where=where, remedy=_HELP)
    if not (made.then or made.relation or made.absent):
        raise BadInput("says nothing that could be broken", where=where, remedy="Give then, compare or absent")
