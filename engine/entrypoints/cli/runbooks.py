"""``penstock runbooks``: check them against their recorded examples, list them, show one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.core.errors import BadInput, NotFound
from engine.entrypoints.cli.output import Form, write_json, write_rows

if TYPE_CHECKING:
    from engine.core.runbook import Runbook
    from engine.core.signal import Signal

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Check runbooks against their recorded examples.",
)

Folder = Annotated[
    Path | None, typer.Option("--runbooks", help="The folder of runbooks; the shipped ones unless given.")
]
Output = Annotated[Form, typer.Option("-o", "--output", help="table, json or markdown.")]
Id = Annotated[str, typer.Argument(help="A runbook's id: the name of its folder.")]

_CLUSTER = "recorded"


@app.command()
def check(runbooks: Folder = None, output: Output = Form.table) -> None:
    """Read every runbook and run every example: match-* has to be of its class, differ-* must not. Exits 1 if not."""
    from engine.adapters.runbooks.examples import load_examples
    from engine.core.classification import RunbookIndex
    from engine.usecases.check_runbooks import check_runbooks

    folder = _folder(runbooks)
    index = RunbookIndex(_all(folder))
    findings = check_runbooks(index, load_examples(folder), _read)
    failed = [finding for finding in findings if not finding.holds]
    if output is Form.json:
        found = [{"runbook": f.runbook, "check": f.check, "holds": f.holds, "found": f.found} for f in findings]
        write_json({"runbooks": len(index.runbooks), "checks": len(findings), "failed": len(failed), "findings": found})
    else:
        rows = [["ok" if f.holds else "FAILED", f.runbook, f.check, f.found] for f in findings]
        _write_table(["", "runbook", "check", "found"], rows, output)
        typer.echo(f"\n{len(index.runbooks)} runbooks, {len(findings)} checks, {len(failed)} failed", err=True)
    if failed:
        raise typer.Exit(1)


@app.command("list")
def list_runbooks(runbooks: Folder = None, output: Output = Form.table) -> None:
    """One line for each runbook."""
    books = _all(_folder(runbooks))
    if output is Form.json:
        write_json([{"id": b.id, "title": b.title, "severity": b.severity, "digest": b.digest} for b in books])
        return
    rows = [[b.id, b.severity, b.owner, ", ".join(option.kind for option in b.actions), b.title] for b in books]
    _write_table(["runbook", "severity", "owner", "actions", "title"], rows, output)


@app.command()
def show(runbook: Id, runbooks: Folder = None, output: Output = Form.table) -> None:
    """One runbook, as a responder would read it."""
    book = next((b for b in _all(_folder(runbooks)) if b.id == runbook), None)
    if book is None:
        raise NotFound("no such runbook", where=runbook, remedy="penstock runbooks list shows them")
    if output is Form.json:
        write_json(book.model_dump(mode="json", by_alias=True))
        return
    for line in _lines(book):
        typer.echo(line)


def _lines(book: Runbook) -> list[str]:
    lines = [f"{book.title} ({book.id}, {book.severity}, {book.owner})", "", book.summary, ""]
    lines += [f"Waiting costs: {book.cost_of_waiting}", f"Before anything: {', '.join(book.preflight)}", "", "Options"]
    for option in book.actions:
        lines += [
            f"  {option.title} ({option.kind}, {option.role.replace('_', ' ')})",
            f"    why: {option.why}",
            f"    why not: {option.why_not}",
            f"    if wrong: {option.cost_if_wrong}",
        ]
    checks = ", ".join(check.id + (f" ({check.reason})" if check.reason else "") for check in book.verification.checks)
    kept = [*book.do_not_touch.kinds, *book.do_not_touch.names, *book.do_not_touch.namespaces]
    return [
        *lines,
        "",
        f"Watch: {book.watch.why} But: {book.watch.why_not}",
        f"Done when: {checks}, for {book.verification.soak_seconds} s",
        f"Stop when: {', '.join(book.stop_conditions)}; {book.max_attempts} attempts, {book.cooldown_seconds} s apart",
        *([f"After a no: {book.rejected_cooldown_seconds} s"] if book.rejected_cooldown_seconds else []),
        f"Don't touch: {', '.join(kept) or '-'}",
        f"Escalate to {book.escalation.role} after {book.escalation.after_seconds} s: {book.escalation.text}",
        f"Digest: {book.digest}",
    ]


def _write_table(heads: list[str], rows: list[list[str]], output: Form) -> None:
    if output is not Form.markdown:
        write_rows(heads, rows)
        return
    typer.echo(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        typer.echo(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |")


def _all(folder: Path) -> list[Runbook]:
    from engine.adapters.runbooks.folder import load_runbooks

    return load_runbooks(folder)


def _read(source: str, payload: Any, now: str) -> list[Signal]:
    from engine.adapters.signals.registry import read_signals
    from engine.core.signal import read_signal

    if source == "signals":  # an incident of the past, as the gate itself recorded it
        return [read_signal(document) for document in payload]
    return read_signals(source, payload, cluster=_CLUSTER, now=now)


def _folder(given: Path | None) -> Path:
    """The folder given, else the one of the settings, else the one that is shipped beside or inside the package."""
    from engine.settings import read_settings

    chosen = given or read_settings().runbooks
    if chosen is not None:
        return chosen
    package = Path(__file__).resolve().parents[2]
    found = next((f for f in (package.parent / "runbooks", package / "_shipped/runbooks") if f.is_dir()), None)
    if found is None:
        raise BadInput("no runbooks are shipped here", where="--runbooks", remedy="Give the folder of runbooks")
    return found
