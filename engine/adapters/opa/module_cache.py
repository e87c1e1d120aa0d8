"""Compiled machine code of a policy module, kept so that a process starts in milliseconds.

Loading machine code is running it, so a file is only loaded when it belongs to this user, nobody else may write it
or its folder, and its bytes hash to what was written; otherwise the module is compiled again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from importlib.metadata import version
from pathlib import Path

import wasmtime

from engine.adapters.opa.bundle import Bundle
from engine.core.errors import UnfitBundle

_HASH = 32


def load_module(engine: wasmtime.Engine, bundle: Bundle, cache: Path) -> wasmtime.Module:
    """The bundle's module for this machine. Raises :class:`UnfitBundle` when it isn't a WebAssembly module."""
    name = f"wasmtime-{version('wasmtime')}-{bundle.wasm_digest.removeprefix('sha256:')}"
    file = cache / "modules" / name
    code = _read(file)
    if code is not None:
        try:
            return wasmtime.Module.deserialize(engine, code)
        except wasmtime.WasmtimeError:  # made by a machine with other processor features
            pass
    try:
        module = wasmtime.Module(engine, bundle.wasm)
    except wasmtime.WasmtimeError as error:
        problem = f"is not a WebAssembly module ({str(error).splitlines()[0]})"
        raise UnfitBundle(problem, where=str(bundle.folder)) from None
    _write(file, bytes(module.serialize()))
    return module


def _read(file: Path) -> bytes | None:
    if not (_own(file.parent) and _own(file)):
        return None
    try:
        content = file.read_bytes()
    except OSError:
        return None
    code = content[_HASH:]
    return code if hashlib.sha256(code).digest() == content[:_HASH] else None


def _own(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    writable_by_others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return found.st_uid == os.getuid() and not stat.S_ISLNK(found.st_mode) and not writable_by_others


def _write(file: Path, code: bytes) -> None:
    """Keep the code for next time; a cache that can't be written costs time and nothing else."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, scratch = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as output:
                output.write(hashlib.sha256(code).digest() + code)
            Path(scratch).replace(file)
        except OSError:
            Path(scratch).unlink(missing_ok=True)
    except OSError:
        return
