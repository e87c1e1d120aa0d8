"""``penstock policy sign``: a bundle that a gate with the public key believes, wherever it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.core.errors import BadInput
from engine.entrypoints.cli.output import Form, say, write_json
from engine.entrypoints.cli.policy_folder import Folder, folder_of, opa_of
from engine.settings import read_settings

Overlay = Annotated[Path | None, typer.Option("--data", help="A data overlay to build in.")]
Key = Annotated[Path, typer.Option("--key", help="The private key, PEM: RSA, or EC on P-256.")]
Version = Annotated[int, typer.Option("--version", help="A whole number above the last bundle's, as a build has one.")]
Target = Annotated[Path, typer.Option("--to", help="The archive to write.")]
Output = Annotated[Form, typer.Option("-o", "--output", help="table or json.")]


def sign(
    key: Key,
    version: Version,
    policies: Folder = None,
    data: Overlay = None,
    to: Target = Path("bundle.tar.gz"),
    output: Output = Form.table,
) -> None:
    """Build the bundle and sign it, for gates and OPA servers that have the public key.

    A gate takes a bundle of a larger version after one of a smaller, and never the other way round.
    """
    from engine.adapters.opa.bundle import load_bundle
    from engine.adapters.opa.signed import write_signed

    settings = read_settings()
    folder, opa = folder_of(policies, settings), lambda: opa_of(settings)
    bundle = load_bundle(folder, cache=settings.cache, opa=opa, overlay=data or settings.data, say=say)
    try:
        coming = to.with_name(f".new-{to.name}")
        coming.write_bytes(write_signed(bundle, key=key, version=version))
        coming.replace(to)
    except OSError as error:
        raise BadInput(f"can't be written ({error.strerror})", where=str(to), remedy="Give another --to") from None
    if output is Form.json:
        write_json({"revision": bundle.revision, "digest": bundle.digest, "version": version, "archive": str(to)})
        return
    typer.echo(f"policy {bundle.revision}, version {version}, signed in {to}\n{bundle.digest}")
