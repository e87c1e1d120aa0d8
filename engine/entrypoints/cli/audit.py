"""``penstock audit``: read the record, carry it elsewhere, and find out whether it is the one that was written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.entrypoints.cli.output import Form, say, write_json, write_rows

if TYPE_CHECKING:
    from engine.core.record import Record
    from engine.usecases.audit import Anchor

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Verify, export and read the record."
)

Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]


@app.command()
def verify(
    export: Annotated[Path | None, typer.Option(help="Verify this export, with no database.")] = None,
    repo: Annotated[Path | None, typer.Option(help="Hold it against the tips in this repository's commits.")] = None,
    output: Output = Form.table,
) -> int:
    """Verify the record's chain, and its tips as Git has them.

    Without a repository only changes in the middle show; with one, a cut or rewritten record shows too. Exit codes:
    0 the record holds, 1 it doesn't or is empty, 2 the export can't be read, 4 the ledger is unavailable.

    Example: penstock audit verify --export record.jsonl --repo gitops.git
    """
    from engine.usecases.audit import verify as verify_record

    anchors = _anchors(repo)
    with records_of(export) as records:
        found = verify_record(records, anchors)
    if output is Form.json:
        write_json(found.as_document())
    elif found.holds:
        typer.echo(found.sentence)
    if not found.holds:
        say(f"penstock: {found.sentence}")
    return 0 if found.holds else 1


@app.command("export")
def export_record(
    file: Annotated[Path, typer.Argument(help="A new file; - writes to standard output.")] = Path("-"),
) -> None:
    """Export the record, one canonical JSON object a line, for keeping or verifying elsewhere."""
    if str(file) == "-":
        _write_lines(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with _new_file(file) as out:
        count = _write_lines(out)
    say(f"{count} records in {file}")


@app.command()
def show(
    kind: Annotated[str, typer.Option(help="Only this kind, such as decision or switch.")] = "",
    subject: Annotated[str, typer.Option(help="Only what is about this id.")] = "",
    output: Output = Form.table,
) -> None:
    """Show records, oldest first."""
    from engine.usecases.audit import record_document

    with records_of(None) as records:
        wanted = [r for r in records if kind in ("", r.kind) and subject in ("", r.subject)]
    if output is Form.json:
        write_json([record_document(record) for record in wanted])
        return
    rows = [[str(r.sequence), r.at, r.kind, r.subject, r.digest[7:19]] for r in wanted]
    write_rows(["record", "at", "kind", "subject", "digest"], rows)


@contextmanager
def records_of(export: Path | None) -> Iterator[Iterator[Record]]:
    """The records of an export, or of the ledger."""
    if export is None:
        from engine import wiring
        from engine.settings import read_settings

        with wiring.ledger(read_settings()) as ledger:
            yield ledger.export()
        return
    from engine.usecases.audit import read_export

    if str(export) == "-":
        yield read_export(sys.stdin.buffer, where="standard input")
        return
    with _opened(export, "rb") as lines:
        yield read_export(lines, where=str(export))


def _anchors(repo: Path | None) -> list[Anchor]:
    """The tips in the repository given, or in the one that is set; none without either."""
    from engine.settings import read_settings

    settings = read_settings() if repo is None else replace(read_settings(), repo=repo)
    if not settings.has_repository:
        return []
    from engine import wiring
    from engine.usecases.audit import anchors_in

    with closing(wiring.repository(settings)) as repository:
        return anchors_in(repository, settings.branch)


def _write_lines(out: Any) -> int:
    from engine.usecases.audit import export_line

    count = 0
    with records_of(None) as records:
        for record in records:
            out.write(export_line(record))
            count += 1
    return count


@contextmanager
def _new_file(file: Path) -> Iterator[Any]:
    """A file for its user alone that is there whole or not at all, and never instead of another."""
    from engine.core.errors import BadInput

    if file.exists():
        raise BadInput("is there already", where=str(file), remedy="Name a new file")
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with _opened(part, "xb") as out:
            part.chmod(0o600)
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
    except OSError as error:
        raise BadInput(
            error.strerror or "can't be written", where=str(file), remedy="Make room, or go elsewhere"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _opened(file: Path, mode: str) -> Any:
    from engine.core.errors import BadInput

    try:
        return file.open(mode)
    except OSError as error:
        raise BadInput(error.strerror or "can't be opened", where=str(file), remedy="Name another file") from None
