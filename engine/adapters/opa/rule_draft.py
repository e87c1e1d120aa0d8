"""A new rule as files: what an author starts from already passes every check, so that the next red line is theirs.

The draft refuses what can't be read and nothing else. It is written whole or not at all.
"""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.errors import BadInput

RULES = "rego/gate/rules"
SEVERITIES = ("warning", "error", "critical")
MOST_WORDS = 300
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KEYWORDS = {"as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input", "not"}
_KEYWORDS |= {"null", "package", "some", "true", "with"}
_RULE = """\
# METADATA
# title: {title}
# description: {why}
# custom:
#   remedy: {remedy}
#   severity: {severity}
#   exceptable: {exceptable}
# schemas:
#   - input: schema.input
package gate.rules.{area}.{name}

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"{{input.action.kind}} isn't permitted by {area}/{name}" if not permitted

permitted if input.action.kind != ""
"""
_TEST = """\
package gate.rules.{area}.{name}_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.{area}.{name}

refused(document) if {{
	count({name}.deny) == 1 with input as document
}}

test_the_sample_is_permitted if not refused(sample.allowed)

test_what_it_is_about_refuses if refused(sample.acting(""))

test_without_the_field_it_refuses if {{
	refused(sample.without(["action", "kind"]))
	refused({{}})
}}
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that isn't written yet. ``rule`` is AREA/RULE; empty words are given text that says so."""

    rule: str
    title: str = ""
    why: str = ""
    remedy: str = ""
    severity: str = "error"
    exceptable: bool = False

    @property
    def unsaid(self) -> tuple[str, ...]:
        """What only the author can say and hasn't."""
        return tuple(word for word in ("title", "why", "remedy") if not getattr(self, word))


def write_draft(policies: Path, draft: Draft) -> tuple[Path, Path]:
    """Write the rule and its test, and return both. Raises :class:`BadInput`, with nothing written."""
    area, name = _checked(draft.rule)
    if not (policies / RULES).is_dir():
        raise BadInput(f"has no {RULES}", where=str(policies), remedy="Give a policies folder")
    _check_words(draft)
    folder = policies / RULES / area / name
    if folder.exists() or folder.is_symlink():
        raise BadInput("is taken", where=str(folder), remedy="Edit that rule, or choose another name")
    words = _words(draft, area, name)
    files = folder / f"{name}.rego", folder / f"{name}_test.rego"
    try:
        folder.mkdir(parents=True)
        for file, form in zip(files, (_RULE, _TEST), strict=True):
            file.write_text(form.format(**words), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        problem = f"can't be written ({error.strerror})"
        raise BadInput(problem, where=str(folder), remedy="Give a folder that you may write to") from None
    return files


def _checked(rule: str) -> tuple[str, str]:
    area, slash, name = rule.partition("/")
    for part in (area, name):
        if not slash or not _NAME.fullmatch(part) or len(part) > 60:
            remedy = "Write it as area/rule, each in lower-case letters, digits and single underscores"
            raise BadInput(f"{rule!r} is no name of a rule", where="AREA/RULE", remedy=remedy)
        if part in _KEYWORDS:
            raise BadInput(f"{part!r} is a word of Rego", where="AREA/RULE", remedy="Choose another name")
    if area.endswith("_test") or name.endswith("_test") or name in ("rule", "sample"):
        raise BadInput(f"{name!r} would be taken for something else", where="AREA/RULE", remedy="Choose another name")
    return area, name


def _check_words(draft: Draft) -> None:
    if draft.severity not in SEVERITIES:
        raise BadInput(f"{draft.severity!r} is no severity", where="--severity", remedy=f"Use {', '.join(SEVERITIES)}")
    for option in ("title", "why", "remedy"):
        text = getattr(draft, option)
        if len(text) > MOST_WORDS or any(unicodedata.category(letter)[0] in "CZ" and letter != " " for letter in text):
            remedy = f"Write one line of at most {MOST_WORDS} characters"
            raise BadInput("isn't one readable line", where=f"--{option}", remedy=remedy)


def _words(draft: Draft, area: str, name: str) -> dict[str, str]:
    full = replace(
        draft,
        title=draft.title.strip() or f"{area} {name}".replace("_", " ") + " doesn't permit it",
        why=draft.why.strip() or f"What {draft.rule} keeps from happening, its author has yet to say.",
        remedy=draft.remedy.strip() or f"Ask whoever keeps the rules about {area.replace('_', ' ')}",
    )
    said = {word: json.dumps(getattr(full, word), ensure_ascii=False) for word in ("title", "why", "remedy")}
    exceptable = "true" if draft.exceptable else "false"
    return {**said, "severity": draft.severity, "exceptable": exceptable, "area": area, "name": name}
