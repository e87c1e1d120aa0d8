"""The only composition root: settings in, ports out. Heavy parts are imported when they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from engine.core.classification import RunbookIndex
from engine.core.errors import BadInput, LedgerUnavailable, NotFound
from engine.core.moment import format_instant, parse_instant
from engine.core.proposal import Proposal
from engine.core.pull_request import PullRequest
from engine.core.signal import Signal
from engine.ports import Analyst, Cluster, Forge, Notifier, PolicyEngine, Ports, Renderer, ShellGrammar
from engine.settings import Settings, tool_environment

Say = Callable[[str], None]


def quiet(_text: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The use cases' ports, and what an entry point needs beside them."""

    ports: Ports
    settings: Settings

    def instant(self, at: str | None) -> str:
        """The time to act at: the one given, or the clock's. Only a recording has another time than now."""
        if at is not None and self.settings.snapshot is None:
            raise BadInput("the cluster is as it is now", where="--at", remedy="Leave it out, or give --snapshot DIR")
        return instant(at)

    def signals(self, now: str) -> list[Signal]:
        """What the cluster shows at this instant."""
        from engine.adapters.signals.kubernetes import signals_from_objects

        return signals_from_objects(self.objects(), self.ports.cluster.name, now)

    def objects(self) -> list[dict[str, Any]]:
        """Every object of every kind that can be read."""
        from engine.core.facts.cluster_view import KINDS

        found: list[dict[str, Any]] = []
        for kind in KINDS:
            try:
                found.extend(self.ports.cluster.all(kind))
            except NotFound:
                continue
        return found


def instant(at: str | None) -> str:
    """The time given, or the clock's."""
    return format_instant(datetime.now(UTC) if at is None else parse_instant(at, where="--at"))


@contextmanager
def gate(settings: Settings, *, acting: bool, say: Say = quiet, needs_cluster: bool = True) -> Iterator[Gate]:
    """Everything wired. ``acting`` false gives no forge, so nothing can be opened or merged whatever is decided."""
    with ExitStack() as held:
        cluster = _cluster(settings, needed=needs_cluster)
        yield Gate(_ports(settings, held, cluster, acting=acting, say=say), settings)


def _cluster(settings: Settings, *, needed: bool) -> Cluster:
    if settings.snapshot is not None:
        from engine.adapters.kubernetes.snapshot import SnapshotCluster

        return SnapshotCluster(settings.snapshot, cluster_name(settings))
    if needed:
        remedy = "Give --snapshot DIR, or set PENSTOCK_SNAPSHOT"
        raise BadInput("no cluster to look at", where="snapshot", remedy=remedy)
    from engine.adapters.kubernetes.unseen import UnseenCluster

    return UnseenCluster(settings.cluster)


def _ports(settings: Settings, held: ExitStack, cluster: Cluster, *, acting: bool, say: Say) -> Ports:

    opened = held.enter_context(closing(repository(settings))) if settings.has_repository else None
    return Ports(
        policy=held.enter_context(policy_engine(settings, say=say, kept=acting, opened=opened)),
        ledger=held.enter_context(ledger(settings) if acting else asking_ledger(settings)),
        cluster=cluster,
        runbooks=runbooks(settings) if acting else asked_runbooks(settings),
        repository=opened,
        renderer=_renderer(settings, say) if opened else None,
        forge=_forge(settings, opened, held) if acting and opened else None,
        analyst=_analyst() if acting else None,
        notifiers=notifiers(settings),
        branch=settings.branch,
        gate_all_pull_requests=settings.gate_all_pull_requests,
    )


def _forge(settings: Settings, opened: Any, held: ExitStack) -> Forge:
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


def _analyst() -> Analyst:
    from engine.adapters.llm.signatures import SignatureAnalyst

    return SignatureAnalyst()


def _renderer(settings: Settings, say: Say) -> Renderer:
    from engine.adapters.render.renderer import SourceRenderer

    return SourceRenderer(partial(obtain_tool, settings, say=say))


def notifiers(settings: Settings) -> tuple[Notifier, ...]:
    """Every channel that is set, and the journal always."""
    from engine.adapters.notify.addresses import Addresses
    from engine.adapters.notify.journal import JournalNotifier

    told: list[Notifier] = [JournalNotifier(settings.state / "notifications.jsonl")]
    addresses = Addresses(settings.pull_requests, settings.console_url.rstrip("/"))
    if settings.slack_url or settings.slack_token:
        from engine.adapters.notify.slack import SlackNotifier

        url, token, channel = settings.slack_url, settings.slack_token, settings.slack_channel
        asks = bool(settings.slack_signing_secret)
        told.append(SlackNotifier(addresses, url=url, token=token, channel=channel, asks=asks))
    if settings.pagerduty_key:
        from engine.adapters.notify.pagerduty import PagerDutyNotifier

        told.append(PagerDutyNotifier(settings.pagerduty_key, addresses, url=settings.pagerduty_url or None))
    if settings.notify_url:
        from engine.adapters.notify.webhook import WebhookNotifier

        told.append(WebhookNotifier(settings.notify_url, settings.notify_secret, addresses))
    return tuple(told)


def looking_again(gate_: Gate) -> Gate:
    """The same gate, with nothing remembered of what its cluster, or its policy's branch, looked like."""
    from engine.adapters.opa.following import FollowingPolicyEngine

    if isinstance(gate_.ports.policy, FollowingPolicyEngine):
        gate_.ports.policy.follow()
    return looking_at(gate_, gate_.settings.snapshot) if gate_.settings.snapshot else gate_


def looking_at(gate_: Gate, snapshot: Path) -> Gate:
    """The same gate, looking at another recording of its cluster."""
    from engine.adapters.kubernetes.snapshot import SnapshotCluster

    cluster = SnapshotCluster(snapshot, gate_.ports.cluster.name)
    return replace(gate_, ports=replace(gate_.ports, cluster=cluster))


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded incident: its folder, its phases, and the release that is still to come in its repository."""

    folder: Path
    facts: dict[str, Any]
    released_at: str
    release: Callable[[], str]

    def at(self, phase: str) -> str:
        """When a phase was recorded."""
        return str(self.facts["phases"][phase]["at"])


@contextmanager
def stage(settings: Settings, *, say: Say = quiet) -> Iterator[tuple[Gate, Recording]]:
    """A gate on the shipped recording, with a repository made anew that stands just before the fatal release."""
    from engine.adapters.git.history_file import make_repository, read_steps, replay
    from engine.adapters.git.repository import ObjectRepository
    from engine.core import canonical

    folder = shipped("gitops") / "recordings" / "payments-crash-loop"
    steps = read_steps(folder / "history.yaml")
    assert settings.repo is not None  # noqa: S101 - the demonstration sets it
    make_repository(settings.repo, shipped("gitops") / "workloads", steps[:-1], branch=settings.branch)

    def release() -> str:
        with closing(ObjectRepository(repo)) as opened:
            return replay(opened, steps[-1:], branch=settings.branch)

    repo = settings.repo
    facts = canonical.parse((folder / "recording.json").read_bytes(), where=str(folder / "recording.json"))
    with gate(replace(settings, snapshot=folder / "before"), acting=True, say=say) as made:
        yield made, Recording(folder, facts, format_instant(parse_instant(steps[-1].date)), release)


def cluster_name(settings: Settings) -> str:
    """The name a recording gives its cluster, or the one that is set."""
    from engine.core import canonical

    for folder in (settings.snapshot, settings.snapshot.parent if settings.snapshot else None):
        if folder is not None and (folder / "recording.json").is_file():
            path = folder / "recording.json"
            facts = canonical.parse(path.read_bytes(), where=str(path))
            if not isinstance(facts, dict) or not isinstance(facts.get("cluster", ""), str):
                raise BadInput("is no description of a recording", where=str(path), remedy="Record it again")
            return str(facts.get("cluster") or settings.cluster)
    return settings.cluster


def policy_engine(settings: Settings, *, say: Say = quiet, kept: bool = False, opened: Any = None) -> Any:
    """The evaluator that is set: a context manager that is a :class:`PolicyEngine`.

    With ``kept`` its policy is kept beside the record, so that what it decides can be replayed. Policy that is set to
    live in the GitOps repository is read from the protected branch of ``opened``, or of the repository that is set.
    """
    if not settings.policy_on_branch:
        return _policy_engine(settings, say=say, kept=kept)
    from engine.adapters.opa.following import FollowingPolicyEngine

    def load(places: dict[str, Any]) -> Any:
        return _policy_engine(replace(settings, **places), say=say, kept=kept)

    source = repository(settings) if opened is None else opened
    return FollowingPolicyEngine(source, settings.branch, settings.policy_on_branch, load)


def _policy_engine(settings: Settings, *, say: Say, kept: bool) -> Any:
    from engine.adapters.opa.bundle import load_bundle

    bundle = load_bundle(
        settings.policies or shipped("policies"),
        cache=settings.cache,
        opa=partial(obtain_tool, settings, "opa", say=say),
        overlay=settings.data,
        say=say,
    )
    if kept:
        from engine.adapters.opa.archive import keep

        keep(bundle, policy_archive(settings))
    if settings.evaluator == "server":
        return _server_engine(settings, bundle)
    from engine.adapters.opa.embedded import EmbeddedPolicyEngine

    embedded = EmbeddedPolicyEngine(bundle, cache=settings.cache)
    if settings.evaluator == "embedded":
        return embedded
    from engine.adapters.opa.referee import RefereePolicyEngine

    return RefereePolicyEngine(embedded, _server_engine(settings, bundle))


def policy_archive(settings: Settings) -> Path:
    """Where policies that decided something are kept."""
    return settings.state / "policies"


def kept_policies(settings: Settings, held: ExitStack) -> Callable[[str], PolicyEngine | None]:
    """The embedded evaluator of each policy that is kept, by digest; ``None`` for one that isn't."""
    from functools import cache

    from engine.adapters.opa.archive import find
    from engine.adapters.opa.bundle import built_bundles
    from engine.adapters.opa.embedded import EmbeddedPolicyEngine

    archives = (policy_archive(settings), built_bundles(settings.cache))

    @cache
    def engine_of(digest: str) -> PolicyEngine | None:
        bundle = find(digest, archives)
        return None if bundle is None else held.enter_context(EmbeddedPolicyEngine(bundle, cache=settings.cache))

    return engine_of


def candidate_policy(settings: Settings, policies: Path, *, say: Say = quiet) -> Any:
    """The embedded evaluator of a policies folder that isn't in force, with the overlay that is set."""
    from engine.adapters.opa.bundle import load_bundle
    from engine.adapters.opa.embedded import EmbeddedPolicyEngine

    opa = partial(obtain_tool, settings, "opa", say=say)
    bundle = load_bundle(policies, cache=settings.cache, opa=opa, overlay=settings.data, say=say)
    return EmbeddedPolicyEngine(bundle, cache=settings.cache)


def prover(settings: Settings, policies: Path, corpus: Path, *, say: Say = quiet) -> Any:
    """What proves a policies folder by a corpus. Raises :class:`BadInput` for one that can't be read."""
    from engine.adapters.opa.bundle import load_bundle
    from engine.adapters.opa.policy_tree import read_policies
    from engine.adapters.opa.prove import Prover
    from engine.core.corpus import read_cases

    try:
        cases = read_cases(corpus.read_bytes().splitlines(), where=str(corpus))
    except OSError as error:
        problem, remedy = error.strerror or "can't be read", "Make it with make corpus, or give --corpus"
        raise BadInput(problem, where=str(corpus), remedy=remedy) from None
    opa = obtain_tool(settings, "opa", say=say)
    bundle = load_bundle(policies, cache=settings.cache, opa=lambda: opa, say=say)
    return Prover(read_policies(policies.resolve()), bundle, cases, opa=opa, cache=settings.cache)


def _server_engine(settings: Settings, bundle: Any) -> Any:
    from engine.adapters.opa.server import OpaServerEngine

    return OpaServerEngine(settings.opa_url, bundle.identity)


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


def ledger(settings: Settings) -> Any:
    """State and record; a context manager that finishes what is queued."""
    from engine.adapters.store.ledger import open_ledger

    if settings.ledger_url.startswith("sqlite:///"):
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    return open_ledger(settings.ledger_url, spool=settings.state / "spool")


def spool_refusal(settings: Settings, proposal: Proposal, error: LedgerUnavailable, *, now: str) -> None:
    """Keep the refusal of a proposal for which the ledger couldn't even be opened, unless it is kept already."""
    from engine.adapters.store.spool import Spool
    from engine.usecases.propose import refusal

    if not error.kept:
        with Spool(settings.state / "spool") as spool:
            spool.append(refusal(proposal, error), at=now)


def asking_ledger(settings: Settings) -> Any:
    """The ledger for a question: the real one where there is one, and else one that knows nothing yet."""
    if settings.ledger or (settings.state / "penstock.db").exists():
        return ledger(settings)
    from engine.adapters.store.passing import PassingLedger

    return PassingLedger(settings.state / "spool")


def runbooks(settings: Settings) -> RunbookIndex:
    """The runbooks, by what they are triggered by."""
    from engine.adapters.runbooks.folder import load_runbooks

    return RunbookIndex(load_runbooks(settings.runbooks or shipped("runbooks")))


def asked_runbooks(settings: Settings) -> RunbookIndex:
    """The same for one question: only a runbook that is asked for is held against the catalogue of actions.

    Building the parameters of every kind takes longer than the answer. Whoever acts checks all of them first.
    """
    from engine.adapters.runbooks.folder import FILE, load_runbook, load_runbooks

    folder = settings.runbooks or shipped("runbooks")
    return RunbookIndex(load_runbooks(folder, checked=False), confirm=lambda asked: load_runbook(folder / asked / FILE))


def shell_grammar() -> ShellGrammar:
    """What reads the commands that agents write."""
    from engine.adapters.shell.bash_grammar import BashGrammar

    return BashGrammar()


def shipped(name: str) -> Path:
    """A folder that comes with the gate: ``policies``, ``runbooks`` or ``gitops``."""
    from engine.adapters.tools.shipped import shipped as find

    return find(name)


def obtain_tool(settings: Settings, name: str, *, say: Say = quiet) -> Path:
    """The path of ``opa``, ``kustomize`` or ``helm``, found, fetched or built."""
    from engine.adapters.tools.obtain import obtain

    return obtain(name, cache=settings.cache, environment=tool_environment(), say=say)
