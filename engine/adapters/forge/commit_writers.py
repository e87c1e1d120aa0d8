"""Who wrote a branch, as its commits say: a forge in a repository knows addresses, not accounts.

Whoever pushes writes what they like there, so an address proves nothing for anybody. It only counts against: whom a
commit names can't approve it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from engine.adapters.forge.branch_store import CommitFacts
from engine.core.untrusted import one_line

_ADDRESS = re.compile(r"<([^<>]*)>\s*$")
_CO_AUTHOR = re.compile(r"^[ \t]*co-authored-by[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
UNKNOWN = "unknown@"


def writers(commits: Iterable[CommitFacts], known: Collection[str]) -> tuple[str, ...]:
    """Addresses of author, committer and co-authors of all commits but the ``known`` ones, in lower case.

    Somebody who is named without an address is ``UNKNOWN``, whom no policy data can know.
    """
    named = [name for commit in commits if commit.id not in known for name in _named(commit)]
    return tuple(sorted({_address(name) for name in named}))


def _named(commit: CommitFacts) -> list[str]:
    return [commit.author, commit.committer, *_CO_AUTHOR.findall(commit.message)]


def _address(name: str) -> str:
    found = _ADDRESS.search(name)
    address = one_line(found[1]).strip().lower() if found is not None else ""
    return address if "@" in address else UNKNOWN
