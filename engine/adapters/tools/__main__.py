"""``python -m engine.adapters.tools opa`` prints where a tool is, obtaining it first where it has to.

It runs before anything is installed, so it uses the standard library alone.
"""

import os
import sys
from pathlib import Path

from engine.adapters.tools.obtain import obtain
from engine.core.errors import ToolUnavailable


def main(arguments: list[str]) -> int:
    """Print the path on stdout and progress on stderr; the exit code is that of the command ``penstock``."""
    if len(arguments) != 1:
        print("usage: python -m engine.adapters.tools opa|kustomize|helm|gitea", file=sys.stderr)
        return 2
    given = os.environ.get("PENSTOCK_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = Path(given) if given else base / "penstock"
    try:
        print(obtain(arguments[0], cache=cache, environment=os.environ, say=lambda text: print(text, file=sys.stderr)))
    except ToolUnavailable as error:
        print(f"penstock: {error}", file=sys.stderr)
        return error.exit_code
    return 0


sys.exit(main(sys.argv[1:]))
