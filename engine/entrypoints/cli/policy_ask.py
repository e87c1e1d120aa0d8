"""``penstock policy ask``: one question about every input, answered with how far it was looked, or with an example."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.core.errors import BadInput
from engine.core.invariant import Comparison
from engine.entrypoints.cli.output import Form, say, write_json

if TYPE_CHECKING:
    from engine.core.invariant import Invariant

EVALUATIONS = 10_000


class Question(StrEnum):
    """What can be asked."""

    never_allows = "never-allows"
    never_errors = "never-errors"
    implies = "implies"
    equivalent = "equivalent"
    disjoint = "disjoint"


_OF_TWO: dict[Question, tuple[str, Comparison]] = {
    Question.implies: ("Whatever the policy allows, the other allows too", "allowed no longer"),
    Question.equivalent: ("Both policies answer alike", "different"),
    Question.disjoint: ("Nothing is allowed by both policies", "allowed by both"),
}

Asked = Annotated[Question, typer.Argument(help="What to ask.")]
Folder = Annotated[Path | None, typer.Option("--policies", help="The policies folder; the one in force unless given.")]
Other = Annotated[Path | None, typer.Option(help="The other policies folder, for questions about two.")]
When = Annotated[list[str] | None, typer.Option(help="Only of inputs with this fact, as path=value; may be repeated.")]
Over = Annotated[list[str] | None, typer.Option(help="A fact whose every value is to be tried; may be repeated.")]
Evaluations = Annotated[int, typer.Option(min=1, help="About how many evaluations it may take.")]
Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]


def ask(  # noqa: PLR0913 - each is a flag of its own
    question: Asked,
    *,
    policies: Folder = None,
    other: Other = None,
    when: When = None,
    over: Over = None,
    evaluations: Evaluations = EVALUATIONS,
    output: Output = Form.table,
) -> int:
    """Ask whether something holds of every input: what was exhausted and what was sampled is said with the answer.

    Exit codes: 0 nothing against it was found, 1 there is an input against it, 2 the question can't be read.

    Example: penstock policy ask never-allows --when switch.mode=advisory --when action.kind=delete_resource
    """
    from engine import wiring
    from engine.entrypoints.cli import policy_search
    from engine.settings import read_settings
    from engine.usecases.search_policy import search

    settings = read_settings()
    folder = policies or settings.policies or wiring.shipped("policies")
    if (other is None) == (question in _OF_TWO):
        wanted = "Give --other FOLDER" if other is None else "Leave --other out"
        raise BadInput(f"{question} is about {'two policies' if other is None else 'one policy'}", remedy=wanted)
    invariant = _sentence(question, when or [], over or [])
    space = wiring.policy_space(folder, wiring.policy_corpus(folder))
    with policy_search.panel(settings, space, folder, other) as panel:
        finding = next(search(space, [invariant], panel, evaluations=evaluations, say=say))
    folders = [folder, other] if other else [folder]
    if output is Form.json:
        write_json(policy_search.as_document(space, finding, folders))
    else:
        typer.echo("\n".join(policy_search.as_lines(space, finding, folders)))
    return 0 if finding.holds else 1


def _sentence(question: Question, when: list[str], over: list[str]) -> Invariant:
    from engine.core.invariant import VERDICT, Invariant, Relation
    from engine.usecases.simulate import read_edit

    facts = dict(read_edit(text) for text in when)
    strange = [path for path in facts if path.startswith(VERDICT)]
    if strange:
        raise BadInput("is about the answer, not about the input", where=f"--when {strange[0]}", remedy="Leave it out")
    of_inputs = f" where {', '.join(when)}" if when else ""
    conditions, axes = tuple(facts.items()), tuple(over)
    if question in _OF_TWO:
        says, never = _OF_TWO[question]
        relation = Relation(never=never)
        return Invariant(question, says + of_inputs, conditions, relation=relation, over=axes)
    says = "Nothing is allowed" if question is Question.never_allows else "Every input gets an answer"
    outcomes = ["require_approval", "deny"] + (["allow"] if question is Question.never_errors else [])
    then, whole = ((f"{VERDICT}outcome", outcomes),), question is Question.never_errors
    return Invariant(question, says + of_inputs, conditions, then, over=axes, whole=whole)
