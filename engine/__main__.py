"""``python -m engine`` is the command ``penstock``."""

from engine.entrypoints.cli.main import run

run()
