"""``penstock policy docs``: every rule in its own words, with an input in which it speaks and one that it lets by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from engine.core.untrusted import one_line
from engine.entrypoints.cli.output import Form, say, write_json
from engine.entrypoints.cli.policy_folder import Folder, workbench

if TYPE_CHECKING:
    from engine.adapters.opa.workbench import RuleText
    from engine.core.rule_example import Example

Output = Annotated[Form, typer.Option("-o", "--output", help="markdown or json.")]


def docs(policies: Folder = None, output: Output = Form.markdown) -> None:
    """Every rule in its own words: what it refuses, why, since when, what to do, and examples.

    The examples are found by asking the policy about the inputs that its `invariants` describe.
    """
    from engine.wiring.pages import rule_examples

    rules = workbench(policies).rules()
    found = rule_examples(policies, [rule.rule for rule in rules], say=say)
    if output is Form.json:
        write_json([{**asdict(rule), "example": _plain(found.get(rule.rule))} for rule in rules])
        return
    typer.echo("\n".join(_pages(rules, found)))


def _plain(example: Example | None) -> dict[str, str] | None:
    return None if example is None else asdict(example)


def _pages(rules: list[RuleText], found: Mapping[str, Example]) -> list[str]:
    lines = ["# The rules", "", f"{len(rules)} rules, from their own annotations.", ""]
    area = ""
    for rule in rules:
        if rule.rule.partition("/")[0] != area:
            area = rule.rule.partition("/")[0]
            lines += [f"## {area.replace('_', ' ')}", ""]
        kept = "an exception can set it aside" if rule.exceptable else "no exception sets it aside"
        about = f"{rule.severity}; {kept}; since {rule.since}"
        lines += [f"### {rule.rule}", "", f"**{rule.title}** ({about})", "", rule.why, ""]
        if rule.rule in found:
            lines += [
                f"- speaks: {_input(found[rule.rule].speaks)}",
                f"- is silent: {_input(found[rule.rule].silent)}",
                "",
            ]
        lines += [f"What to do: {rule.remedy}.", "", f"`{rule.path}`", ""]
    return lines


def _input(words: str) -> str:
    return f"`{one_line(words, limit=200).replace('`', '')}`"
