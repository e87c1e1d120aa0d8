"""The real ``git`` command, as a witness: it must agree with what was written without it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HARDENED = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Person",
    "GIT_AUTHOR_EMAIL": "person@example.com",
    "GIT_AUTHOR_DATE": "2026-11-01T08:00:00Z",
    "GIT_COMMITTER_NAME": "Person",
    "GIT_COMMITTER_EMAIL": "person@example.com",
    "GIT_COMMITTER_DATE": "2026-11-01T08:00:00Z",
    "LC_ALL": "C.UTF-8",
}
OPTIONS = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never", "-c", "safe.directory=*")


def git(repository: Path, *arguments: str, given: bytes = b"", allow: tuple[str, ...] = ()) -> str:
    """Run ``git`` in a repository and return what it prints; ``allow`` names protocols it may use."""
    allowed = [option for name in allow for option in ("-c", f"protocol.{name}.allow=always")]
    command = ["git", *OPTIONS, *allowed, "-C", str(repository), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, env=HARDENED, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def fsck(repository: Path) -> None:
    """Fail unless Git finds every object and link in order. Objects that nothing names yet are in order too."""
    assert git(repository, "fsck", "--strict", "--no-dangling") == ""
