"""``penstock policy``: check, test, build and document the policies."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.core.errors import BadInput
from engine.entrypoints.cli import policy_prove, policy_replay, policy_simulate
from engine.entrypoints.cli.output import Form, say, write_json
from engine.settings import Settings, read_settings

if TYPE_CHECKING:
    from engine.adapters.opa.workbench import RuleText, Step, Workbench

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Check, test, prove, build, replay, simulate and document the policies.",
)
app.command("prove")(policy_prove.prove)
app.command("replay")(policy_replay.replay)
app.command("simulate")(policy_simulate.simulate)

Folder = Annotated[
    Path | None, typer.Option("--policies", help="The policies folder; the shipped one unless given or set.")
]
Data = Annotated[list[Path] | None, typer.Option("--data", help="A data overlay to try as well; may be repeated.")]
Overlay = Annotated[Path | None, typer.Option("--data", help="A data overlay to lay over the policy data.")]
Output = Annotated[Form, typer.Option("-o", "--output", help="table, json or markdown.")]
Target = Annotated[Path, typer.Option("--to", help="The archive to write, for an OPA server to load.")]


@app.command()
def check(policies: Folder = None, data: Data = None, output: Output = Form.table) -> None:
    """Format, strictness with schema and capabilities, data, conventions, tests and coverage. Exits 1 if any fails."""
    _report(_workbench(policies).check(data or []), output)


@app.command()
def test(policies: Folder = None, output: Output = Form.table) -> None:
    """The policy tests and their coverage alone. Exits 1 if any fails."""
    _report(_workbench(policies).test(), output)


@app.command()
def build(
    policies: Folder = None, data: Overlay = None, output: Output = Form.table, to: Target = Path("bundle.tar.gz")
) -> None:
    """Build the bundle and write it where an OPA server can load it."""
    from engine.adapters.opa.bundle import load_bundle

    settings = read_settings()
    bundle = load_bundle(
        _folder(policies, settings),
        cache=settings.cache,
        opa=lambda: _opa(settings),
        overlay=data or settings.data,
        say=say,
    )
    try:
        shutil.copyfile(bundle.served, to)
    except OSError as error:
        raise BadInput(f"can't be written ({error.strerror})", where=str(to), remedy="Give another --to") from None
    if output is Form.json:
        write_json({"revision": bundle.revision, "digest": bundle.digest, "archive": str(to)})
        return
    typer.echo(f"policy {bundle.revision} ({len(bundle.rego_files)} files) in {to}\n{bundle.digest}")


@app.command()
def docs(policies: Folder = None, output: Output = Form.markdown) -> None:
    """Every rule in its own words: what it refuses, why, and what the person who meets it must do."""
    rules = _workbench(policies).rules()
    if output is Form.json:
        write_json([asdict(rule) for rule in rules])
        return
    typer.echo("\n".join(_pages(rules)))


def _report(steps: Iterable[Step], output: Form) -> None:
    done: list[Step] = []
    for step in steps:
        done.append(step)
        if output is Form.table:
            _write_step(step)
    failed = [step for step in done if not step.passed]
    if output is Form.json:
        write_json({"passed": not failed, "steps": [asdict(step) for step in done]})
    elif output is Form.markdown:
        typer.echo("| check | | covered |\n|---|---|---|")
        for step in done:
            typer.echo(f"| {step.name} | {'ok' if step.passed else 'FAILED'} | {step.covered} |")
        typer.echo("".join(f"\n- {problem}" for step in failed for problem in step.problems))
    if failed:
        say(f"{len(failed)} of {len(done)} checks failed")
        raise typer.Exit(1)


def _write_step(step: Step) -> None:
    colour = typer.colors.GREEN if step.passed else typer.colors.RED
    mark = typer.style("ok    " if step.passed else "FAILED", fg=colour)
    typer.echo(f"{mark}  {step.name:<18}  {step.covered}".rstrip())
    for problem in step.problems:
        typer.echo(f"        {problem}")


def _pages(rules: list[RuleText]) -> list[str]:
    lines = ["# The rules", "", f"{len(rules)} rules, from their own annotations.", ""]
    area = ""
    for rule in rules:
        if rule.rule.partition("/")[0] != area:
            area = rule.rule.partition("/")[0]
            lines += [f"## {area.replace('_', ' ')}", ""]
        kept = "an exception can set it aside" if rule.exceptable else "no exception sets it aside"
        lines += [f"### {rule.rule}", "", f"**{rule.title}** ({rule.severity}; {kept})", "", rule.why, ""]
        lines += [f"What to do: {rule.remedy}.", "", f"`{rule.path}`", ""]
    return lines


def _workbench(given: Path | None) -> Workbench:
    from engine.adapters.opa.workbench import Workbench

    settings = read_settings()
    return Workbench(_folder(given, settings).resolve(), opa=_opa(settings), cache=settings.cache)


def _folder(given: Path | None, settings: Settings) -> Path:
    from engine.adapters.tools.shipped import shipped

    return given or settings.policies or shipped("policies")


def _opa(settings: Settings) -> Path:
    from engine.adapters.tools.obtain import obtain
    from engine.settings import tool_environment

    return obtain("opa", cache=settings.cache, environment=tool_environment(), say=say)
