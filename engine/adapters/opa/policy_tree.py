"""The folder that policy authors write: which files are policy, which are data, and what they digest to.

Everything the gate decides by is listed and hashed here, so that two machines with the same files name the same
policy, and a file that would be overlooked is refused instead.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.adapters.opa.policy_data import DataFile, lay_over, read_data
from engine.core import canonical
from engine.core.errors import BadInput, UnfitBundle

MANIFEST = ".manifest"
CAPABILITIES = "capabilities.json"
RULES = "gate/rules/"
DATA = "gate/data/"
_DATA_NAMES = ("data.yaml", "data.yml", "data.json")
_LIMIT = 4_194_304


@dataclass(frozen=True, slots=True)
class PolicyTree:
    """A policies folder as read at one moment: ``rego``, manifest, capabilities, data and an optional overlay.

    ``rego`` and ``data_files`` are by path below ``<root>/rego``; tests and schemas are not policy and not here.
    """

    root: Path
    rego: Mapping[str, bytes]
    data_files: Mapping[str, bytes]
    manifest: bytes
    capabilities: bytes
    overlay: bytes | None
    overlay_name: str

    @property
    def digest(self) -> str:
        """``sha256:`` over every path and its bytes, in order."""
        parts = {**self.rego, **self.data_files, MANIFEST: self.manifest, f"../{CAPABILITIES}": self.capabilities}
        if self.overlay is not None:
            parts["../overlay"] = self.overlay
        hasher = hashlib.sha256()
        for path in sorted(parts):
            for field in (path.encode(), parts[path]):
                hasher.update(len(field).to_bytes(8, "big"))
                hasher.update(field)
        return "sha256:" + hasher.hexdigest()

    def revision(self) -> str:
        """The beginning of the digest, after the revision that the authors wrote into the manifest, if they did."""
        manifest = canonical.parse(self.manifest, where=self.name(MANIFEST))
        written = manifest.get("revision", "") if isinstance(manifest, dict) else ""
        short = self.digest.removeprefix("sha256:")[:12]
        return f"{written}+{short}" if written else short

    def data(self) -> dict[str, Any]:
        """The ``data`` document: every data file at its path, with the overlay laid over its topics.

        Raises :class:`BadInput` naming file and line.
        """
        document: dict[str, Any] = {}
        for path, text in sorted(self.data_files.items()):
            node = document
            for part in Path(path).parent.parts:
                node = node.setdefault(part, {})
            if node:
                raise BadInput("two data files are for the same place", where=self.name(path), remedy="Keep one")
            node.update(read_data(text, name=self.name(path)).value)
        topics = document.setdefault("gate", {}).setdefault("data", {})
        if self.overlay is not None:
            laid: DataFile = read_data(self.overlay, name=self.overlay_name)
            document["gate"]["data"] = lay_over(topics, laid)
        return document

    def name(self, path: str) -> str:
        """What a person calls a file below ``rego``."""
        return str(self.root / "rego" / path)


def read_policies(root: Path, overlay: Path | None = None) -> PolicyTree:
    """The policies folder (with ``rego/`` and ``capabilities.json`` in it) and a data overlay.

    Raises :class:`BadInput` when a file is missing or in the wrong place, :class:`UnfitBundle` when it holds no rules.
    """
    if not (root / "rego").is_dir():
        raise BadInput("is not a policies folder: it has no rego/", where=str(root), remedy="Give a policies folder")
    below = root / "rego"
    files = {path: _read(below / path) for path in _paths(below)}
    rego = {path: text for path, text in files.items() if path.endswith(".rego")}
    tree = PolicyTree(
        root=root,
        rego=rego,
        data_files={path: text for path, text in files.items() if path not in rego},
        manifest=_read(root / "rego" / MANIFEST),
        capabilities=_read(root / CAPABILITIES),
        overlay=None if overlay is None else _read(overlay),
        overlay_name=str(overlay),
    )
    misplaced = [path for path in tree.data_files if not path.startswith(DATA)]
    if misplaced:
        raise BadInput("data belongs below gate/data", where=tree.name(min(misplaced)), remedy="Move it there")
    if not any(path.startswith(RULES) for path in rego):
        raise UnfitBundle("holds no rules", where=str(root / "rego"), remedy="A policy without rules decides nothing")
    return tree


def rule_id(path: str) -> str:
    """``rate/cooldown`` of ``gate/rules/rate/cooldown/cooldown.rego``."""
    area, name = path.removeprefix(RULES).split("/")[:2]
    return f"{area}/{name}"


def _paths(root: Path) -> list[str]:
    found: list[str] = []
    pending = [""]
    while pending:
        here = pending.pop()
        for name, is_folder in _entries(root / here):
            path = f"{here}{name}"
            if is_folder:
                pending.append(f"{path}/")
            elif (name.endswith(".rego") and not name.endswith("_test.rego")) or name in _DATA_NAMES:
                found.append(path)
    return sorted(found)


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """Names in a folder, and which of them are folders."""
    try:
        with os.scandir(folder) as entries:
            listed = [(entry.name, entry.is_dir(follow_symlinks=False), entry.is_symlink()) for entry in entries]
    except OSError as error:
        raise _unreadable(folder, error) from None
    for name, _, is_link in listed:
        if is_link:
            raise BadInput("is a symbolic link", where=str(folder / name), remedy="Put the file itself there")
    return [(name, is_folder) for name, is_folder, _ in listed]


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LIMIT + 1)
    except OSError as error:
        raise _unreadable(file, error) from None
    if len(data) > _LIMIT:
        raise BadInput(f"is over {_LIMIT} bytes", where=str(file), remedy="Split it")
    return data


def _unreadable(place: Path, error: OSError) -> BadInput:
    remedy = "Give a policies folder that is whole, and a data file that can be read"
    return BadInput(f"can't be read ({error.strerror})", where=str(place), remedy=remedy)
