"""Taking the spool in: each finished file becomes part of the chain in one transaction, once, then goes away.

A crash between the commit and the removal leaves a file that has been taken in already; the ids kept beside the
chain tell, and nothing is recorded twice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.adapters.store.spool import SpoolFile, finished
from engine.adapters.store.transaction import SqlTransaction

Runner = Callable[[Callable[[SqlTransaction], int]], int]


def absorb(folder: Path, run: Runner) -> int:
    """Take in every finished file of a folder and say how many entries that gave."""
    taken = 0
    for file in finished(folder):
        taken += run(_unit(file))
        file.done()
    return taken


def _unit(file: SpoolFile) -> Callable[[SqlTransaction], int]:
    def unit(transaction: SqlTransaction) -> int:
        return sum(transaction.absorb(each.entry_id, each.entry, at=each.at) for each in file.entries)

    return unit
