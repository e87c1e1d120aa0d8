"""What GitHub publishes about itself, as its npm packages carry it: fetched when tests run, never kept in the tree.

A package is taken only when its bytes have the pinned SHA-512. Without npm, or without a way to its registry, the
tests that need one say so and are skipped; continuous integration runs them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.settings import read_settings

SECONDS = 180


@dataclass(frozen=True)
class Package:
    """One version of a package and the SHA-512 of its archive, as npm writes it."""

    name: str
    version: str
    sha512: str


OPENAPI = Package(
    "@octokit/openapi",
    "23.0.2",
    "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
)
GRAPHQL = Package(
    "@octokit/graphql-schema",
    "15.26.1",
    "RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
)
EXAMPLES = Package(
    "@octokit/webhooks-examples",
    "7.6.1",
    "De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ==",
)


class NotPublished(Exception):
    """The package can't be had here; the text says why."""


def obtained(package: Package, member: str) -> Path:
    """A file of a package, on this machine. Raises :class:`NotPublished`."""
    folder = read_settings().cache / "npm" / package.name.replace("/", "+") / package.version
    kept = folder / member.replace("/", "+")
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            data = _member(_packed(package, Path(scratch)), member)
            whole = Path(scratch) / "whole"
            whole.write_bytes(data)
            whole.replace(kept)
    return kept


def published(package: Package, member: str) -> Any:
    """A JSON file of a package; the test is skipped, and says why, where it can't be had."""
    try:
        return _read(obtained(package, member))
    except NotPublished as reason:
        pytest.skip(f"{package.name} {package.version} can't be had: {reason}")


@cache
def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@cache
def examples() -> dict[str, list[Any]]:
    """GitHub's own examples of webhook payloads, by event."""
    found = published(EXAMPLES, "package/api.github.com/index.json")
    return {entry["name"]: entry["examples"] for entry in found}


def _packed(package: Package, scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise NotPublished("there is no npm on PATH")
    asked = [npm, "pack", "--silent", "--pack-destination", str(scratch), f"{package.name}@{package.version}"]
    try:
        done = subprocess.run(asked, cwd=scratch, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotPublished(f"npm doesn't fetch it ({error})") from None
    archives = list(scratch.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise NotPublished(f"npm doesn't fetch it ({last[0][:200]})")
    found = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if found != package.sha512:
        raise AssertionError(f"{package.name} {package.version} has the SHA-512 {found}, not the pinned one")
    return archives[0]


def _member(archive: Path, member: str) -> bytes:
    with tarfile.open(archive) as files:
        content = files.extractfile(member)
        assert content is not None, f"{member} is no file"
        return content.read()
