"""Whom to ask for a review: the forge's teams that stand for a role that is missing, and the owners of the files.

Asking is a courtesy and permits nothing. Where policy data maps no team to a role, nobody is asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MOST = 15


def reviewers_of(roles: Iterable[str], forge_teams: Mapping[str, Any], owners: Iterable[str]) -> tuple[str, ...]:
    """Teams of the forge (``github:acme/payments``) and owners (``amara``, ``acme/payments``), each once.

    ``roles`` are ``team:x`` and ``role:x``; ``forge_teams`` is the policy's topic of that name.
    """
    wanted = set(roles)
    teams = [team for team, about in sorted(forge_teams.items()) if isinstance(about, dict) and _held(about) & wanted]
    return tuple(dict.fromkeys([*teams, *owners]))[:MOST]


def _held(about: Mapping[str, Any]) -> set[str]:
    words = {"team": about.get("teams"), "role": about.get("roles")}
    return {f"{word}:{name}" for word, names in words.items() if isinstance(names, list) for name in names}
