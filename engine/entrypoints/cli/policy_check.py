"""``penstock policy check`` and ``test``: once, or again each time an author saves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.core.errors import BadInput
from engine.entrypoints.cli.output import say
from engine.entrypoints.cli.policy_folder import Folder, workbench
from engine.entrypoints.cli.policy_forms import CheckForm, written

if TYPE_CHECKING:
    from engine.adapters.opa.step import Step

Data = Annotated[list[Path] | None, typer.Option("--data", help="A data overlay to try as well; may be repeated.")]
Output = Annotated[CheckForm, typer.Option("-o", "--output", help="table, json, markdown, github, sarif or junit.")]
Watch = Annotated[bool, typer.Option("--watch", help="Check again what changes, until interrupted.")]
At = Annotated[str | None, typer.Option(help="The time by which exceptions are judged, RFC 3339; now unless given.")]


def check(
    policies: Folder = None,
    data: Data = None,
    output: Output = CheckForm.table,
    watch: Watch = False,
    at: At = None,
) -> None:
    """Format, strictness, data and what rules need of it, exceptions, conventions, tests. Exits 1 if any fails.

    `-o github` writes annotations for a workflow's log, `-o sarif` a SARIF 2.1.0 log, `-o junit` a test report.
    """
    from engine import wiring

    bench = workbench(policies)
    if watch:
        if output is not CheckForm.table:
            raise BadInput("--watch only writes lines", where=f"-o {output}", remedy="Leave one of them out")
        _watch(policies)
        return
    _report(bench.check(data or [], now=wiring.instant(at)), output)


def test(policies: Folder = None, output: Output = CheckForm.table) -> None:
    """The policy tests and their coverage alone. Exits 1 if any fails."""
    _report(workbench(policies).test(), output)


def _watch(policies: Path | None) -> None:
    from time import sleep

    from engine.adapters.opa.watching import EVERY_SECONDS, Watching
    from engine.entrypoints.cli.policy_folder import folder_of, opa_of
    from engine.settings import read_settings

    settings = read_settings()
    watching = Watching(folder_of(policies, settings).resolve(), opa=opa_of(settings))
    say("watching; interrupt to end")
    try:
        while True:
            for step in watching.look():
                _write_step(step)
            sleep(EVERY_SECONDS)
    except KeyboardInterrupt:
        return


def _report(steps: Iterable[Step], output: CheckForm) -> None:
    done: list[Step] = []
    for step in steps:
        done.append(step)
        if output is CheckForm.table:
            _write_step(step)
    failed = [step for step in done if step.failed]
    if output is not CheckForm.table:
        typer.echo(written(done, output, Path.cwd()))
    if failed:
        say(f"{len(failed)} of {len(done)} checks failed")
        raise typer.Exit(1)


def _write_step(step: Step) -> None:
    colour = typer.colors.GREEN if step.passed else typer.colors.RED
    mark = typer.style("ok    " if step.passed else "FAILED", fg=colour) if step.ran else "-     "
    typer.echo(f"{mark}  {step.name:<18}  {step.covered}".rstrip())
    for problem in step.problems:
        typer.echo(f"        {problem}")
    for warning in step.warnings:
        typer.echo(f"        soon: {warning}")
