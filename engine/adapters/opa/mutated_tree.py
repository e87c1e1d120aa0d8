"""The text of a policy with every damage of its rules in it, of which each question names the one that counts.

Building a policy takes seconds and there are hundreds of damages, so they are built together: each damaged rule is a
package of its own, and in a rule's place stands what passes the question on to one of them. ``otherwise`` tells which
damages make the rules themselves say something else; the others can't matter to a decision on that input.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from engine.adapters.opa.command import Complaint, complaints, run_opa
from engine.adapters.opa.policy_tree import RULES, PolicyTree, rule_id
from engine.core.errors import BadInput
from engine.core.mutant import Mutant

OTHERWISE = "gate/damaged/otherwise"
GONE = "gone"
Damage = tuple[str, str]  # a rule's id, and the name of what is wrong with it

_SOUND = "sound"
_FOLDER = "gate/damaged/"
_PACKAGE = re.compile(r"(?m)^package .*$")
_WORDS = re.compile(r"data\.gate\.rules\[\w+\]\[\w+\]\.(\w+)")
_CLAIMS = ("about", "needs")  # what a rule says of itself: no damage is done to it
_CHOSEN = """package gate.damaged

import rego.v2

default chosen(_) := "sound"

chosen(rule) := input.damage.name if input.damage.rule == rule
"""
_HEAD = "package gate.rules.{rule}\n\nimport rego.v2\n\nimport data.gate.damaged\n"
_SET = '\n{word} contains said if some said in damaged.{rule}[damaged.chosen("{id}")].{word}\n'
_VALUE = '\n{word} := damaged.{rule}[damaged.chosen("{id}")].{word}\n'
_CLAIM = '\n{word} := damaged.{rule}.sound.{word} if damaged.chosen("{id}") != "gone"\n'
_DIFFERS = """
otherwise contains ["{id}", name] if {{
	some name in input.damage.among["{id}"]
	data.gate.damaged.{rule}[name].{word} != data.gate.damaged.{rule}.sound.{word}
}}

otherwise contains ["{id}", "gone"] if {{
	"gone" in input.damage.among["{id}"]
	count(data.gate.damaged.{rule}.sound.{word}) > 0
}}
"""


def mutated(tree: PolicyTree, mutants: Mapping[Damage, Mutant], opa: Path) -> tuple[PolicyTree, set[Damage]]:
    """The policy with these damages in it, and those that don't compile and are left out.

    Raises :class:`BadInput` for a policy that doesn't compile without any damage.
    """
    sources = {_path(damage): _source(tree, mutant, damage) for damage, mutant in mutants.items() if mutant.edit}
    named = {_path(damage): damage for damage in mutants}
    nameless = [path for path, damage in named.items() if mutants[damage].text.startswith("some ")]
    whole, stillborn = _undamaged(tree), set[Damage]()
    with tempfile.TemporaryDirectory() as folder:
        _unfold({**whole, **sources}, Path(folder))
        while broken := _broken(Path(folder), nameless, opa):
            if not broken <= sources.keys():
                raise BadInput("doesn't compile", where=tree.name(min(broken)), remedy="Run penstock policy check")
            for path in broken:
                Path(folder, path).unlink()
                del sources[path]
            stillborn |= {named[path] for path in broken}
    return replace(tree, rego={**whole, **sources}), stillborn


def _undamaged(tree: PolicyTree) -> dict[str, bytes]:
    """Every file, with what passes the question on in the place of each rule, and the rule itself elsewhere."""
    others = {path: text for path, text in tree.rego.items() if not path.startswith(RULES)}
    words = sorted(set(_WORDS.findall(b"".join(others.values()).decode())))
    choosing, passing, sound = [_CHOSEN], dict[str, bytes](), dict[str, bytes]()
    for path, text in tree.rego.items():
        if path.startswith(RULES):
            rule, source = rule_id(path), text.decode()
            given = [word for word in words if re.search(rf"(?m)^(default )?{word}\b", source)]
            passing[path] = "".join(_passing(rule, source, given)).encode()
            sound[_path((rule, _SOUND))] = _moved(source, (rule, _SOUND))
            choosing += [_filled(_DIFFERS, rule, word) for word in given if word not in _CLAIMS]
    return {**others, **passing, **sound, f"{_FOLDER}damaged.rego": "".join(choosing).encode()}


def _passing(rule: str, source: str, given: list[str]) -> Iterator[str]:
    yield _HEAD.format(rule=rule.replace("/", "."))
    for word in given:
        several = re.search(rf"(?m)^{word} contains\b", source)
        yield _filled(_CLAIM if word in _CLAIMS else _SET if several else _VALUE, rule, word)


def _filled(form: str, rule: str, word: str) -> str:
    return form.format(id=rule, rule=rule.replace("/", "."), word=word)


def _source(tree: PolicyTree, mutant: Mutant, damage: Damage) -> bytes:
    """The text of a rule with the damage done."""
    start, length, text = mutant.edit or (0, 0, "")
    source = tree.rego[mutant.where.partition(":")[0]].decode()
    return _moved(source[:start] + text + source[start + length :], damage)


def _moved(source: str, damage: Damage) -> bytes:
    rule, name = damage
    return _PACKAGE.sub(f"package gate.damaged.{rule.replace('/', '.')}.{name}", source, count=1).encode()


def _path(damage: Damage) -> str:
    return f"{_FOLDER}{damage[0]}/{damage[1]}.rego"


def _broken(folder: Path, nameless: Iterable[str], opa: Path) -> set[str]:
    """The files that the compiler complains of.

    It names no file where a variable of a message was never declared; that can only be where a ``some`` was dropped,
    and those files are then looked at one by one.
    """
    complained = _complaints(folder, ".", opa)
    if all(complaint.where for complaint in complained):
        return {complaint.where.split(":")[0] for complaint in complained}
    there = [path for path in nameless if Path(folder, path).exists()]
    return {path for path in there if any(not complaint.where for complaint in _complaints(folder, path, opa))}


def _complaints(folder: Path, path: str, opa: Path) -> list[Complaint]:
    answer = run_opa(opa, ["check", path, "--max-errors", "0", "--format", "json"], folder=folder)
    return complaints(answer.told) if answer.code else []


def _unfold(files: Mapping[str, bytes], folder: Path) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
