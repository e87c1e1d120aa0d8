"""What Rego's compiler lets by in annotations and shouldn't: a misspelt word says nothing, and nobody hears of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.adapters.opa.policy_tree import RULES, PolicyTree
from engine.adapters.opa.step import Step

WORDS = (
    *("scope", "title", "description", "related_resources", "authors", "organizations"),
    *("schemas", "entrypoint", "custom", "compile"),
)
CUSTOM = ("remedy", "severity", "exceptable", "since")
_START = "# METADATA"
_WORD = re.compile(r"# (?P<deeper>  )?(?P<word>[A-Za-z_][\w-]*):(?:\s|$)")
_PACKAGE = re.compile(r"package\s+(?P<name>\S+)")


def known_words(tree: PolicyTree) -> Step:
    """Every word of every annotation is known."""
    problems = [problem for path, text in sorted(tree.rego.items()) for problem in _unknown(tree, path, text.decode())]
    return Step("annotations", not problems, "their words", problems)


def _unknown(tree: PolicyTree, path: str, text: str) -> Iterator[str]:
    above = ""
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        inside = line.startswith("#") and (inside or line.rstrip() == _START)
        found = _WORD.match(line) if inside else None
        if found is None:
            continue
        word, deeper = found["word"], found["deeper"]
        known = CUSTOM if deeper else WORDS
        judged = not deeper or (above == "custom" and path.startswith(RULES))
        if judged and word not in known:
            place = f"{tree.name(path)}:{number}:{found.start('word') + 1}"
            yield f"{place}: unknown annotation {word!r}; use {', '.join(known)}"
        above = above if deeper else word


def doubled(tree: PolicyTree) -> Iterator[str]:
    """A sentence for each file of a rule that another file already is."""
    first: dict[str, str] = {}
    for path, text in sorted(tree.rego.items()):
        if not path.startswith(RULES):
            continue
        for number, line in enumerate(text.decode().splitlines(), start=1):
            if found := _PACKAGE.match(line):
                place = f"{tree.name(path)}:{number}:1"
                if first.setdefault(found["name"], place) != place:
                    yield f"{place}: {found['name']} is already the rule in {first[found['name']]}; rename one of them"
                break
