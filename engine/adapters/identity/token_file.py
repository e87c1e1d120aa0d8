"""Identities in a file that only its owner may read; what it keeps of a token can't be turned back into one."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from engine.core import canonical
from engine.core.errors import BadInput
from engine.core.identity import Identity, token_digest

_LIST = TypeAdapter(list[Identity])


def fresh_token() -> tuple[str, str]:
    """A new token of 256 random bits with what is kept of it."""
    token = f"penstock_{secrets.token_urlsafe(32)}"
    return token, token_digest(token)


def read_identities(path: Path) -> list[Identity]:
    """All identities; none when there is no file. Raises :class:`BadInput` for a malformed or loosely kept one."""
    if not path.exists():
        return []
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadInput(f"others may read or write it (mode {mode:o})", where=str(path), remedy=f"chmod 600 {path}")
    try:
        identities = _LIST.validate_python(canonical.parse(path.read_bytes(), where=str(path)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"{field}: {first['msg']}", where=str(path), remedy="Make it anew with penstock identities"
        ) from None
    names = [identity.id for identity in identities]
    if len(set(names)) != len(names):
        raise BadInput(
            "two identities have one id", where=str(path), remedy="Disable one with penstock identities disable"
        )
    return identities


def write_identities(path: Path, identities: Sequence[Identity]) -> None:
    """Replace the file in one step, readable for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(canonical.encode([identity.model_dump(mode="json") for identity in identities]) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
