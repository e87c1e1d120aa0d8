"""``penstock policy new``: the files of a rule, so that an author begins with what the rule is about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.entrypoints.cli.output import say

Rule = Annotated[str, typer.Argument(metavar="AREA/RULE", help="What the rule is called: its area and its name.")]
Folder = Annotated[
    Path | None, typer.Option("--policies", help="The policies folder; the shipped one unless given or set.")
]
Title = Annotated[str, typer.Option(help="What it says in a few words when it refuses.")]
Why = Annotated[str, typer.Option(help="Why the rule exists, in a sentence or two.")]
Remedy = Annotated[str, typer.Option(help="What somebody who meets it must do.")]
Severity = Annotated[str, typer.Option(help="warning, error or critical.")]
Exceptable = Annotated[bool, typer.Option("--exceptable", help="Let an exception set it aside.")]


def new(  # noqa: PLR0913 - each is a flag of its own
    rule: Rule,
    *,
    title: Title = "",
    why: Why = "",
    remedy: Remedy = "",
    severity: Severity = "error",
    exceptable: Exceptable = False,
    policies: Folder = None,
) -> int:
    """Write a rule, its test and its words. They pass `policy check` as they are; what it refuses is yours to say.

    Example: penstock policy new target/migrating --title "the target is being migrated"
    """
    from engine.adapters.opa.rule_draft import Draft, write_draft
    from engine.adapters.tools.shipped import shipped
    from engine.settings import read_settings

    draft = Draft(rule, title, why, remedy, severity, exceptable)
    written = write_draft(policies or read_settings().policies or shipped("policies"), draft)
    for file in written:
        typer.echo(str(file))
    if draft.unsaid:
        say(f"{rule}: you still have to say its {', '.join(draft.unsaid)}, in the annotations of {written[0].name}")
    return 0
