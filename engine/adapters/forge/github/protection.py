"""Ways past the gate that a repository on GitHub leaves open, so that ``penstock doctor`` can say them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.adapters.forge.github.accounts import Accounts
from engine.adapters.forge.github.api import GitHubApi
from engine.adapters.forge.github.merging import required_checks
from engine.core.check_report import CHECK_NAME
from engine.core.errors import MissingPermission


def concerns(api: GitHubApi, accounts: Accounts, base: str) -> Iterator[str]:
    """One sentence each. Raises :class:`ForgeTrouble` where GitHub can't be asked at all."""
    app = api.app()
    required = [check for check in required_checks(api, base) if check.get("context") == CHECK_NAME]
    if not required:
        yield f"no ruleset of {base} requires the check {CHECK_NAME}, so it can be merged without the gate"
    elif app is None:
        yield f"the gate has a token, so whoever can write may say {CHECK_NAME} as well: use an App"
    elif any(check.get("integration_id") != app for check in required):
        yield f"any App may say {CHECK_NAME}: set its expected source in the ruleset to the gate's App"
    try:
        accounts.teams(api.repository.partition("/")[0])
    except MissingPermission:
        yield "teams of the organisation can't be read, so reviews count for nobody's team: grant Members: read"
