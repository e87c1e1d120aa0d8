"""What the base branch's protection leaves open: ways past the gate that only the repository's owners can close."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.adapters.forge.gitea.accounts import Accounts
from engine.adapters.forge.gitea.api import GiteaApi
from engine.core.check_report import CHECK_NAME
from engine.core.errors import MissingPermission, NotFound


def concerns(api: GiteaApi, accounts: Accounts, base: str) -> Sequence[str]:
    """A sentence for each way past the gate, none where there is none. Raises :class:`ForgeTrouble`."""
    permissions = api.require_repository().get("permissions") or {}
    branch = api.get(f"/branches/{base}")
    if branch is None:
        raise NotFound(f"there is no branch {base!r}", where=api.repository)
    found = []
    if not permissions.get("push"):
        found.append("the gate's account can't push; give it write access")
    if permissions.get("admin"):
        found.append("the gate's account administers the repository and can lift its protection; write is enough")
    if not branch.get("protected"):
        return [*found, f"{base} isn't protected: whoever can push changes it without a pull request"]
    if not (branch.get("enable_status_check") and CHECK_NAME in (branch.get("status_check_contexts") or ())):
        found.append(f"{base} doesn't require the status {CHECK_NAME}")
    if branch.get("user_can_push"):
        found.append(f"the gate's account can push to {base} itself; take it off that list")
    return [*found, *_of_rule(api, accounts, str(branch.get("effective_branch_protection_name") or base))]


def _of_rule(api: GiteaApi, accounts: Accounts, name: str) -> Sequence[str]:
    """What the rule itself says; Gitea shows it to administrators only, which the gate shouldn't be."""
    try:
        rule: Any = api.get(f"/branch_protections/{name}")
    except MissingPermission:
        return []
    if not isinstance(rule, dict):
        return []
    found = []
    if not rule.get("block_admin_merge_override"):
        found.append("administrators can merge past the protection")
    people, teams = rule.get("merge_whitelist_usernames") or [], rule.get("merge_whitelist_teams") or []
    if not rule.get("enable_merge_whitelist") or teams or people != [accounts.own().login]:
        found.append("others than the gate can merge; whoever can push can also write a status of any name")
    return found
