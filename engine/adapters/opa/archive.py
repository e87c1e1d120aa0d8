"""The policies that decided something, kept by digest beside the record, so that their answers can be had again.

A cache may be emptied at any time and an author's folder moves on; a record that names a policy which nobody has any
more can be verified but not replayed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from engine.adapters.opa.bundle import Bundle, open_bundle
from engine.core.errors import UnfitBundle


def keep(bundle: Bundle, archive: Path) -> None:
    """Keep a bundle for good; one that is kept already costs a look. Raises :class:`UnfitBundle` when it can't be."""
    place = archive / bundle.digest.removeprefix("sha256:")
    if place.is_dir():
        return
    try:
        archive.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=archive, prefix=".new-") as scratch:
            made = Path(scratch, "bundle")
            shutil.copytree(bundle.folder, made)
            try:
                made.rename(place)
            except OSError:
                if not place.is_dir():  # another process may have kept the same meanwhile
                    raise
    except OSError as error:
        problem, remedy = f"can't be kept ({error.strerror})", "Make room; a decision must stay replayable"
        raise UnfitBundle(problem, where=str(archive), remedy=remedy) from None


def find(digest: str, archives: Sequence[Path]) -> Bundle | None:
    """The bundle of a digest from the first archive that has it, ``None`` where none has.

    Raises :class:`UnfitBundle` when what is kept isn't what was built.
    """
    name = digest.removeprefix("sha256:")
    if len(name) != 64 or not name.isalnum():
        return None
    found = next((archive / name for archive in archives if (archive / name).is_dir()), None)
    return open_bundle(found, digest=digest) if found else None
