"""Building a program whose module can't be installed by name, because its ``go.mod`` replaces others.

Go obeys the replacements of the main module only. So a module of our own takes over the program's requirements,
replacements and checksums word for word and requires the program itself on top: what is built is what its authors
build, and every module is still held against the checksums.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.adapters.tools.download import NotObtained
from engine.adapters.tools.pins import Tool

Run = Callable[[list[str], Mapping[str, str], str, Path | None], bytes]

_ONLY_ITS_OWN = re.compile(r"^(?:module|tool|ignore|retract)\b(?: ?\([^)]*\)|.*)\n", re.MULTILINE)


def build_in_own_module(go: str, tool: Tool, scratch: Path, environment: Mapping[str, str], run: Run) -> Path:
    """The binary, built in ``scratch``, with the folders of its source that it reads at run time beside it.

    Raises :class:`NotObtained`.
    """
    wanted = f"{tool.module}@v{tool.version}"
    told = json.loads(run([go, "mod", "download", "-json", wanted], environment, f"download of {wanted}", None))
    source, given = Path(told["Dir"]), Path(told["GoMod"]).read_text("utf-8")
    work = scratch / "module"
    work.mkdir()
    (work / "go.mod").write_text(own_module(given, tool), "utf-8")
    shutil.copyfile(source / "go.sum", work / "go.sum")
    output = scratch / "bin" / tool.name
    flags = ["-mod=mod", "-trimpath", "-ldflags", tool.ldflags, "-tags", " ".join(tool.tags)]
    run([go, "build", *flags, "-o", str(output), tool.module], environment, f"build of {tool.module}", work)
    for name in tool.beside:
        if not (source / name).is_dir():
            raise NotObtained(f"{wanted} has no folder {name}")
        shutil.copytree(source / name, output.parent / name, copy_function=shutil.copyfile)
    return output


def own_module(given: str, tool: Tool) -> str:
    """A ``go.mod`` that requires the tool and takes over what the tool's own says of others."""
    kept = _ONLY_ITS_OWN.sub("", given).strip()
    return f"module built\n\n{kept}\n\nrequire {tool.module} v{tool.version}\n"
