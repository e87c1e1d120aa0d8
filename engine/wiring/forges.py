"""The GitOps repository and its pull requests: local, on Gitea or Forgejo, or on GitHub."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from typing import Any

from engine.core.errors import BadInput
from engine.core.moment import format_instant, parse_instant
from engine.core.pull_request import PullRequest
from engine.ports import Forge
from engine.settings import Settings, tool_environment


def forge(settings: Settings, opened: Any, held: ExitStack) -> Forge:
    if settings.forge != "local" and settings.repo is not None:
        raise BadInput("a folder stands in for the forge's repository", where="--repo", remedy="Leave it out to act")
    if settings.forge == "gitea":
        remote: Forge = gitea(settings, opened, held)
        return remote
    if settings.forge == "github":
        hub: Forge = github(settings, opened, held)
        return hub
    from engine.adapters.forge.local import LocalForge

    return LocalForge(opened, base=settings.branch)


def gitea(settings: Settings, mirror: Any, held: ExitStack) -> Any:
    """The repository's pull requests on Gitea or Forgejo."""
    from engine.adapters.forge.gitea.accounts import Accounts
    from engine.adapters.forge.gitea.api import GiteaApi
    from engine.adapters.forge.gitea.forge import GiteaForge

    api = GiteaApi(settings.forge_url, settings.forge_repository, token=lambda: settings.forge_token)
    held.callback(api.close)
    return GiteaForge(api, Accounts(api), mirror, base=settings.branch)


def github(settings: Settings, mirror: Any, held: ExitStack) -> Any:
    """The repository's pull requests on GitHub."""
    from engine.adapters.forge.github.accounts import Accounts
    from engine.adapters.forge.github.commits import PushedCommits, SignedCommits
    from engine.adapters.forge.github.forge import GitHubForge

    api = _github_api(settings)
    held.callback(api.close)
    accounts = Accounts(api)
    commits = PushedCommits(mirror) if settings.deploy_key else SignedCommits(api, accounts)
    return GitHubForge(api, accounts, commits, mirror, base=settings.branch)


def _github_api(settings: Settings) -> Any:
    from engine.adapters.forge.github.api import GitHubApi
    from engine.adapters.forge.github.credential import read_credential

    credential = read_credential(settings.forge_token, settings.github_app, settings.github_key)
    return GitHubApi(settings.forge_url, settings.forge_repository, credential)


def forge_concerns(settings: Settings) -> tuple[str, ...]:
    """Ways past the gate that the forge's settings leave open; none where the forge has no such settings."""
    made = {"gitea": gitea, "github": github}.get(settings.forge)
    if made is None:
        return ()
    with ExitStack() as held:
        return tuple(made(settings, held.enter_context(closing(repository(settings))), held).concerns())


def offer(settings: Settings, branch: str, *, author: str, title: str, at: str | None) -> PullRequest:
    """A pull request of a person's branch on the local forge. Raises :class:`BadInput` for any other forge."""
    from engine.adapters.forge.local import LocalForge

    if settings.forge != "local":
        raise BadInput("pull requests are opened on the forge itself", where="PENSTOCK_FORGE", remedy="Open it there")
    now = format_instant(datetime.now(UTC) if at is None else parse_instant(at, where="--at"))
    with closing(repository(settings)) as opened:
        return LocalForge(opened, base=settings.branch).offer(branch, author=author, title=title, at=now)


def repository(settings: Settings) -> Any:
    """The GitOps repository. Raises :class:`BadInput` when none is set."""
    from engine.adapters.git.repository import ObjectRepository

    if settings.repo is None and settings.forge != "local":
        return _mirror(settings)
    if settings.repo is None:
        raise BadInput("no GitOps repository", where="repo", remedy="Give --repo PATH, or set PENSTOCK_REPO")
    return ObjectRepository(settings.repo)


def _mirror(settings: Settings) -> Any:
    """The copy of the forge's repository on this machine."""
    from engine.adapters.git.mirror import Mirror
    from engine.adapters.git.transport import Credential, DeployKey, Token, Transport

    credential: Credential = Token("penstock", lambda: settings.forge_token)
    address = settings.git_address
    if settings.forge == "github" and settings.deploy_key:
        credential, address = DeployKey(settings.deploy_key), settings.ssh_address
    elif settings.forge == "github":
        credential = Token("x-access-token", _github_api(settings).git_token)
    transport = partial(Transport, address, credential=credential, environment=tool_environment())
    return Mirror(transport, settings.mirror, branch=settings.branch)
