"""Bundles that travel: one signed archive that an OPA server loads and the embedded evaluator runs, byte for byte.

The compiled module travels in it under a name that an OPA server overlooks but verifies. So nothing is compiled where
the bundle is used, and nothing is believed there that wasn't signed: not even this machine's own cache.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.adapters.opa.bundle import COMPILER, Bundle, record_of
from engine.adapters.opa.policy_tree import MANIFEST
from engine.adapters.opa.signature import SIGNATURES, sign, verify
from engine.core import canonical
from engine.core.errors import BadInput, MisrootedBundle, TamperedBundle, UnfitBundle

MODULE = "penstock.module"
ROOTS = ["gate"]
_DATA = "data.json"
_MOST, _MOST_UNPACKED, _MOST_FILES = 16_777_216, 67_108_864, 10_000
_AGAIN = "Fetch it again, or build and sign it anew"


@dataclass(frozen=True, slots=True)
class SignedBundle:
    """A bundle whose signature held, its version (a signer's larger number follows a smaller one), and its bytes."""

    bundle: Bundle
    version: int
    archive: bytes


def write_signed(bundle: Bundle, *, key: Path, version: int) -> bytes:
    """The signed archive of a bundle: the same bytes of the same bundle, where the key's own way of signing allows.

    Raises :class:`BadInput` for the key, or a version that isn't a whole number above zero.
    """
    if not 0 < version < 2**53:
        raise BadInput(f"{version} is no version", where="--version", remedy="Give a whole number above zero")
    files = _members(bundle.served.read_bytes(), where=str(bundle.served))
    manifest = canonical.parse(files[MANIFEST], where=MANIFEST)
    manifest["metadata"] = {"compiler": COMPILER, "digest": bundle.digest, "version": version}
    files |= {MANIFEST: canonical.encode(manifest), MODULE: bundle.wasm, _DATA: bundle.data_json}
    return _archive({**files, SIGNATURES: sign(files, key)})


def read_signed(archive: Path, *, keys: Path, cache: Path) -> SignedBundle:
    """A signed archive, verified before anything in it is used.

    1. Its bytes unpack within bounds to plain files. 2. Its signature holds. 3. It is rooted where this gate's policy
    is. 4. Its manifest says version, compiler and digest, and it holds module and data.
    Raises :class:`UnfitBundle`, one of its kinds where there is one.
    """
    where = str(archive)
    packed = _packed(archive)
    files = _members(packed, where=where)
    verify(files, keys, where=where)
    manifest = _manifest(files, where)
    if manifest.get("roots") != ROOTS:
        problem, remedy = f"is rooted at {manifest.get('roots')}, not {ROOTS}", "Build it from a policies folder"
        raise MisrootedBundle(problem, where=where, remedy=remedy)
    metadata: Any = manifest.get("metadata")
    if not _whole(metadata, files) or not isinstance(manifest.get("revision"), str):
        problem, remedy = "isn't a bundle for this gate", "Build it with penstock policy sign"
        raise UnfitBundle(problem, where=where, remedy=remedy)
    bundle = _kept(files, packed, manifest, cache)
    return SignedBundle(bundle, int(metadata["version"]), packed)


def _whole(metadata: Any, files: Mapping[str, bytes]) -> bool:
    if not isinstance(metadata, dict) or MODULE not in files or _DATA not in files:
        return False
    version, digest = metadata.get("version"), metadata.get("digest")
    numbered = isinstance(version, int) and not isinstance(version, bool) and version > 0
    named = isinstance(digest, str) and len(digest) == 71 and digest.startswith("sha256:") and digest[7:].isalnum()
    return numbered and named and metadata.get("compiler") == COMPILER


def _manifest(files: Mapping[str, bytes], where: str) -> dict[str, Any]:
    try:
        manifest = canonical.parse(files.get(MANIFEST, b""), where=where)
    except BadInput:
        manifest = None
    if not isinstance(manifest, dict):
        raise UnfitBundle("has no manifest", where=where, remedy=_AGAIN)
    return manifest


def _kept(files: Mapping[str, bytes], packed: bytes, manifest: dict[str, Any], cache: Path) -> Bundle:
    """The bundle, laid out as one that was built here, so that it can be kept beside the record."""
    rego = sorted(name for name in files if name.endswith(".rego"))
    parts = {"policy.wasm": files[MODULE], "bundle.tar.gz": packed, _DATA: files[_DATA]}
    digest, revision = manifest["metadata"]["digest"], manifest["revision"]
    record = record_of(digest, revision, parts, rego)
    folder = cache / "signed" / canonical.digest_bytes(packed).removeprefix("sha256:")
    try:
        _lay_out(folder, {**parts, "record.json": canonical.encode(record)})
    except OSError as error:
        problem, remedy = f"can't be written ({error.strerror})", "Point PENSTOCK_CACHE at a folder that can be"
        raise UnfitBundle(problem, where=str(folder), remedy=remedy) from None
    wasm_digest = record["files"]["policy.wasm"]
    return Bundle(revision, digest, folder, files[MODULE], wasm_digest, files[_DATA], tuple(rego))


def _lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        place = folder / name
        if place.is_file() and place.read_bytes() == content:
            continue
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as made:
            made.write(content)
        Path(made.name).replace(place)


def _packed(archive: Path) -> bytes:
    try:
        if archive.stat().st_size > _MOST:
            raise UnfitBundle(f"is over {_MOST} bytes", where=str(archive), remedy="Give a bundle")
        return archive.read_bytes()
    except OSError as error:
        problem, remedy = f"can't be read ({error.strerror})", "Name a bundle that this user may read"
        raise UnfitBundle(problem, where=str(archive), remedy=remedy) from None


def _members(packed: bytes, *, where: str) -> dict[str, bytes]:
    """Files by path from the bundle's root. Raises :class:`TamperedBundle` for anything else in the archive."""
    try:
        plain = zlib.decompressobj(wbits=31)
        unpacked = plain.decompress(packed, _MOST_UNPACKED)
        if plain.unconsumed_tail or plain.unused_data or not plain.eof:
            raise TamperedBundle("isn't one archive of an acceptable size", where=where, remedy=_AGAIN)
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as opened:
            return _plain_files(opened, where)
    except (zlib.error, tarfile.TarError, EOFError, UnicodeError) as error:
        raise TamperedBundle(f"can't be unpacked ({type(error).__name__})", where=where, remedy=_AGAIN) from None


def _plain_files(opened: tarfile.TarFile, where: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for member in opened:
        name, content = member.name.lstrip("/"), opened.extractfile(member) if member.isreg() else None
        if content is None or name in files or len(files) >= _MOST_FILES or ".." in name.split("/"):
            raise TamperedBundle(f"holds something else than files: {name!r}", where=where, remedy=_AGAIN)
        files[name] = content.read()
    return files


def _archive(files: Mapping[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as written:
        for name in sorted(files):
            member = tarfile.TarInfo(f"/{name}")
            member.size, member.mode = len(files[name]), 0o600
            written.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(raw.getvalue(), mtime=0)
