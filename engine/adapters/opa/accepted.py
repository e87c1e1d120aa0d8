"""The newest policy that this gate ever accepted, so that an older one, well signed as it is, can't come back.

It lies beside the record. Who wants an older policy back signs it again with a larger version, and that is seen.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine.adapters.opa.signed import SignedBundle
from engine.core import canonical
from engine.core.errors import BadInput, OlderBundle, UnfitBundle

_FILE, _ARCHIVE = "accepted.json", "accepted.tar.gz"


def check_newer(signed: SignedBundle, state: Path) -> None:
    """Raises :class:`OlderBundle` for a version below the accepted one, or another bundle of the same version."""
    accepted = _read(state / _FILE)
    if accepted is None:
        return
    version, digest = accepted
    where, remedy = f"policy {signed.bundle.revision}", f"Sign it with a version above {version}"
    if signed.version < version:
        raise OlderBundle(f"is version {signed.version}, and {version} was accepted", where=where, remedy=remedy)
    if signed.version == version and signed.bundle.digest != digest:
        raise OlderBundle(f"is another policy of version {version}", where=where, remedy=remedy)


def accept(signed: SignedBundle, state: Path) -> None:
    """Note a bundle as the newest. Raises :class:`OlderBundle`, or :class:`UnfitBundle` when it can't be noted."""
    check_newer(signed, state)
    note = canonical.encode({"digest": signed.bundle.digest, "version": signed.version})
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in ((_ARCHIVE, signed.archive), (_FILE, note)):
            with tempfile.NamedTemporaryFile(dir=state, prefix=".new-", delete=False) as made:
                made.write(content)
            Path(made.name).replace(state / name)
    except OSError as error:
        problem, remedy = f"can't be noted as accepted ({error.strerror})", "Make the state folder writable"
        raise UnfitBundle(problem, where=str(state), remedy=remedy) from None


def last_accepted(state: Path) -> Path:
    """The archive that was accepted last; it is verified again by whoever reads it. It may not be there."""
    return state / _ARCHIVE


def _read(file: Path) -> tuple[int, str] | None:
    try:
        note = canonical.parse(file.read_bytes(), where=str(file))
        return int(note["version"]), str(note["digest"])
    except FileNotFoundError:
        return None
    except (OSError, BadInput, KeyError, TypeError, ValueError) as error:
        problem = f"doesn't say which policy was accepted last ({type(error).__name__})"
        remedy = "Restore it, or remove it to begin anew with the next bundle"
        raise UnfitBundle(problem, where=str(file), remedy=remedy) from None
