"""How long one changed file takes to become a commit on a branch of a repository of 10,000 files.

Arms, interleaved in one run: the gate's object database; a clone, commit and push with ``git``; the plumbing of
``git`` on the bare repository. Prints the median and the worst of each in milliseconds, and ratios. Run it as
``python -m bench.commit``; it exits with 1 when the gate's median isn't under 10 ms.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit

FILES, LIMIT_MS = 10_000, 10.0
AUTHOR, AT = "Bench <bench@example.com>", "2026-11-14T03:12:00Z"
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never", "-c", "protocol.file.allow=always")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    **{
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "B"), ("EMAIL", "b@b"))
    },
}


def git(folder: Path, *arguments: str, given: bytes = b"", index: Path | None = None) -> str:
    """Run ``git`` and return what it prints."""
    environment = {**ENVIRONMENT, **({"GIT_INDEX_FILE": str(index)} if index else {})}
    command = [*GIT, "-C", str(folder), *arguments]
    return (
        subprocess.run(command, input=given, capture_output=True, env=environment, check=True).stdout.decode().strip()
    )


def path_of(number: int) -> str:
    return f"apps/team-{number // 100:02d}/app-{number:04d}/deployment.yaml"


def manifest(number: int, replicas: int = 2) -> bytes:
    lines = [f"name: app-{number:04d}", f"replicas: {replicas}", *(f"label-{n}: value-{number}" for n in range(30))]
    return "\n".join(lines).encode() + b"\n"


def prepare(folder: Path) -> Path:
    """A packed bare repository, as a forge keeps it."""
    bare = folder / "gitops.git"
    create_bare(bare)
    stream = [b"commit refs/heads/main\ncommitter B <b@b> 1794625920 +0000\ndata 6\nImport\n"]
    for number in range(FILES):
        data = manifest(number)
        stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path_of(number).encode(), len(data), data))
    git(bare, "fast-import", "--quiet", given=b"".join(stream))
    return bare


def by_object_database(repository: ObjectRepository, number: int) -> None:
    base = repository.head("main")
    path = path_of(number * 97 % FILES)
    edit = FileEdit(path, repository.read(base, path), manifest(number, 9))
    made = repository.commit(base, [edit], message=f"Change {path}", author=AUTHOR, at=AT)
    repository.move(f"refs/heads/gate-{number}", None, made)


def by_clone_and_push(bare: Path, scratch: Path, number: int) -> None:
    work = scratch / "work"
    git(scratch, "clone", "-q", "--branch", "main", str(bare), str(work))
    path = path_of(number * 97 % FILES)
    (work / path).write_bytes(manifest(number, 8))
    git(work, "commit", "-q", "-m", f"Change {path}", "--", path)
    git(work, "push", "-q", "origin", f"HEAD:refs/heads/clone-{number}")
    shutil.rmtree(work)


def by_plumbing(bare: Path, scratch: Path, number: int) -> None:
    path = path_of(number * 97 % FILES)
    index = scratch / "index"
    base = git(bare, "rev-parse", "main")
    git(bare, "read-tree", base, index=index)
    blob = git(bare, "hash-object", "-w", "--stdin", given=manifest(number, 7))
    git(bare, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", index=index)
    tree = git(bare, "write-tree", index=index)
    made = git(bare, "commit-tree", tree, "-p", base, "-m", f"Change {path}")
    git(bare, "update-ref", f"refs/heads/plumbing-{number}", made, "")


def timed(work: Callable[[], None]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def measure(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each arm: ten commits of the gate and one of each other a round."""
    times: dict[str, list[float]] = {"object database": [], "git plumbing": [], "clone and push": []}
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        scratch = Path(folder)
        bare = prepare(scratch)
        with closing(ObjectRepository(bare)) as repository:
            for number in range(rounds):
                for each in range(number * 10, number * 10 + 10):
                    times["object database"].append(timed(lambda each=each: by_object_database(repository, each)))  # type: ignore[misc]
                times["git plumbing"].append(timed(lambda number=number: by_plumbing(bare, scratch, number)))  # type: ignore[misc]
                times["clone and push"].append(timed(lambda number=number: by_clone_and_push(bare, scratch, number)))  # type: ignore[misc]
        git(bare, "fsck", "--strict", "--no-dangling")
    return times


def main() -> int:
    """Print the table; 1 when the gate is too slow."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5, help="rounds of all arms (5)")
    times = measure(options.parse_args().rounds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    gate = medians["object database"]
    print(f"One changed file on {FILES} files: branch and commit, milliseconds")
    for name, values in times.items():
        ratio = f"{medians[name] / gate:8.1f} x"
        print(f"{name:16} median {medians[name]:9.2f}  worst {max(values):9.2f}  runs {len(values):3}  {ratio}")
    return 0 if gate < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
