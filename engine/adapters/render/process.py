"""One renderer process at a time, with nothing to lean on: no shell, no network worth the name, no home, no clock to
outlast.

A repository is input from outside. What renders it gets an environment of our own, a folder that holds nothing but
the files it may read, a time limit, and a limit on what it may say.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from engine.core.errors import RenderFailed, ToolUnavailable

SECONDS = 30.0
MOST_BYTES = 32 * 1_048_576
_NOWHERE = "http://127.0.0.1:9"


@contextmanager
def workspace(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A private folder with ``tree`` (the files) and ``home`` (nothing), removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="penstock-render-") as folder:
        root = Path(folder).resolve()
        (root / "home").mkdir()
        tree = root / "tree"
        tree.mkdir()
        for path, data in files.items():
            target = tree / path
            if not target.resolve().is_relative_to(tree):
                raise RenderFailed("a path leaves the folder", where=path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        yield root


def run(command: Sequence[str], *, root: Path, where: str, seconds: float = SECONDS, limit: int = MOST_BYTES) -> bytes:
    """Standard output of a program that succeeded.

    Raises :class:`RenderFailed` with its own first words when it fails, takes longer than ``seconds`` or says more
    than ``limit`` bytes, and :class:`ToolUnavailable` when it can't be started.
    """
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=root / "tree",
                env=_environment(root),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                close_fds=True,
            )
        except OSError as error:
            raise ToolUnavailable(f"can't be started: {error.strerror}", where=command[0]) from None
        late = Timer(seconds, process.kill)
        late.start()
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            output = process.stdout.read(limit + 1)
            if len(output) > limit:
                process.kill()
            process.stdout.close()
            status = process.wait()
        finally:
            expired = not late.is_alive()
            late.cancel()
        complaints.seek(0)
        words = complaints.read(2000).decode("utf-8", "replace")
    if len(output) > limit:
        raise RenderFailed(f"more than {limit} bytes were rendered", where=where, remedy="Split the source")
    if status != 0 and expired:
        raise RenderFailed(f"rendering took over {seconds:g} s", where=where, remedy="Look at what it waits for")
    if status != 0:
        raise RenderFailed(_first_words(words, root), where=where, remedy="Correct the source, then propose again")
    return output


def _environment(root: Path) -> dict[str, str]:
    home = str(root / "home")
    folders = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), home)
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    helm = {f"HELM_{name}_HOME": home for name in ("CONFIG", "CACHE", "DATA")}
    return {"PATH": "", "LC_ALL": "C.UTF-8", **folders, **proxies, **helm}


def _first_words(words: str, root: Path) -> str:
    shown = "".join(c if c.isprintable() else " " for c in words.replace(str(root / "tree"), ".")).strip()
    return shown.removeprefix("Error: ").rstrip(".")[:500] or "the renderer failed without a word"
