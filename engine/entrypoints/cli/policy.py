"""``penstock policy``: check, test, build and document the policies."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from engine.core.errors import BadInput
from engine.entrypoints.cli import (
    policy_ask,
    policy_check,
    policy_docs,
    policy_exceptions,
    policy_matrix,
    policy_new,
    policy_prove,
    policy_replay,
    policy_sign,
    policy_simulate,
)
from engine.entrypoints.cli.output import Form, say, write_json
from engine.entrypoints.cli.policy_folder import Folder, folder_of, opa_of
from engine.settings import read_settings

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Write, check, test, prove, build, replay, simulate and document the policies.",
)
app.command("check")(policy_check.check)
app.command("test")(policy_check.test)
app.command("docs")(policy_docs.docs)
app.command("matrix")(policy_matrix.matrix)
app.command("exceptions")(policy_exceptions.exceptions)
app.command("new")(policy_new.new)
app.command("ask")(policy_ask.ask)
app.command("prove")(policy_prove.prove)
app.command("replay")(policy_replay.replay)
app.command("simulate")(policy_simulate.simulate)
app.command("sign")(policy_sign.sign)

Overlay = Annotated[Path | None, typer.Option("--data", help="A data overlay to lay over the policy data.")]
Output = Annotated[Form, typer.Option("-o", "--output", help="table, json or markdown.")]
Target = Annotated[Path, typer.Option("--to", help="The archive to write, for an OPA server to load.")]


@app.command()
def build(
    policies: Folder = None, data: Overlay = None, output: Output = Form.table, to: Target = Path("bundle.tar.gz")
) -> None:
    """Build the bundle and write it where an OPA server can load it."""
    from engine.adapters.opa.bundle import load_bundle

    settings = read_settings()
    bundle = load_bundle(
        folder_of(policies, settings),
        cache=settings.cache,
        opa=lambda: opa_of(settings),
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
