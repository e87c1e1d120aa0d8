"""The real renderer, asked once for each content: the same files give the same objects in every test of a run."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.core import canonical
from engine.core.change.source import Source
from engine.ports import Renderer


class RememberingRenderer:
    """Gives what the real one gave for these very bytes before, to this process or to another of the same run."""

    def __init__(self, real: Renderer, folder: Path) -> None:
        self._real = real
        self._folder = folder

    def render(self, source: Source, files: Mapping[str, bytes]) -> Sequence[dict[str, Any]]:
        digests = {path: canonical.digest_bytes(data) for path, data in files.items()}
        kept = self._folder / canonical.digest([repr(source), digests]).removeprefix("sha256:")
        if not kept.exists():
            fresh = kept.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(pickle.dumps(self._real.render(source, files)))
            fresh.replace(kept)
        found: Sequence[dict[str, Any]] = pickle.loads(kept.read_bytes())
        return found
