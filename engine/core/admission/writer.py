"""Who writes to the cluster: an agent, what applies Git, or somebody whom the cluster's own roles hold.

Named by policy data alone. What the API server says of a user was authenticated there, impersonation included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.admission.review import UserInfo
from engine.core.errors import UnfitBundle

Writer = Literal["agent", "delivery", "other"]

_ACCOUNT = "system:serviceaccount:"
_GROUP = "system:serviceaccounts:"


@dataclass(frozen=True, slots=True)
class Roster:
    """The agents and the deliveries of policy data; ``harmless`` is ``group/resource`` that changes nothing.

    The delivery is held in the API groups ``held_groups`` alone. ``emergency`` are the groups that may break the glass.
    """

    users: tuple[str, ...]
    groups: tuple[str, ...]
    namespaces: tuple[str, ...]
    held_groups: tuple[str, ...]
    delivery: tuple[str, ...]
    harmless: tuple[str, ...]
    emergency: tuple[str, ...] = ()

    def agent(self, user: UserInfo) -> str:
        """The entry that makes somebody an agent; empty for who is none."""
        account = user.username.removeprefix(_ACCOUNT) if user.username.startswith(_ACCOUNT) else ""
        namespaces = {account.partition(":")[0]} | {g.removeprefix(_GROUP) for g in user.groups if g.startswith(_GROUP)}
        found = [f"user {name}" for name in self.users if name == user.username]
        found += [f"group {name}" for name in self.groups if name in user.groups]
        found += [f"namespace {name}" for name in self.namespaces if name in namespaces]
        return found[0] if found else ""

    def writer(self, user: UserInfo) -> Writer:
        """What somebody is; an agent first, whatever else they are as well."""
        if self.agent(user):
            return "agent"
        return "delivery" if user.username in self.delivery else "other"


def read_roster(data: Mapping[str, Any]) -> Roster:
    """The roster of policy data's topic ``admission``. Raises :class:`UnfitBundle` for one that can't be read."""
    agents, delivery = data.get("agents"), data.get("delivery")
    lists = [agents.get(key) for key in ("users", "groups", "namespaces")] if isinstance(agents, dict) else [None]
    lists += [delivery.get(key) for key in ("groups", "users")] if isinstance(delivery, dict) else [None]
    glass = data.get("break_glass")
    lists += [data.get("harmless"), glass.get("groups") if isinstance(glass, dict) else None]
    if not all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in lists):
        remedy = "Run penstock policy check"
        raise UnfitBundle("admission doesn't list who writes", where="policy data", remedy=remedy)
    return Roster(*(tuple(names or ()) for names in lists))
