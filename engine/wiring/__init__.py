"""The only composition root: settings in, ports out. Heavy parts are imported when they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from engine.core.errors import BadInput, LedgerUnavailable, NotFound
from engine.core.moment import format_instant, parse_instant
from engine.core.proposal import Proposal
from engine.core.signal import Signal
from engine.ports import Analyst, Cluster, EvidenceSource, Notifier, Ports, Renderer, ShellGrammar
from engine.settings import Settings
from engine.wiring import clusters
from engine.wiring.clusters import cluster_name as cluster_name
from engine.wiring.clusters import followed as followed
from engine.wiring.clusters import following as following
from engine.wiring.clusters import token_review as token_review
from engine.wiring.forges import forge as forge
from engine.wiring.forges import forge_concerns as forge_concerns
from engine.wiring.forges import gitea as gitea
from engine.wiring.forges import github as github
from engine.wiring.forges import offer as offer
from engine.wiring.forges import repository as repository
from engine.wiring.measures import counted
from engine.wiring.measures import measured as measured
from engine.wiring.policies import autonomy_data as autonomy_data
from engine.wiring.policies import candidate_policy as candidate_policy
from engine.wiring.policies import kept_policies as kept_policies
from engine.wiring.policies import policy_archive as policy_archive
from engine.wiring.policies import policy_corpus as policy_corpus
from engine.wiring.policies import policy_engine as policy_engine
from engine.wiring.policies import policy_in_world as policy_in_world
from engine.wiring.policies import policy_sentences as policy_sentences
from engine.wiring.policies import policy_space as policy_space
from engine.wiring.policies import prover as prover
from engine.wiring.policies import replay_of_head as replay_of_head
from engine.wiring.procedures import asked_runbooks as asked_runbooks
from engine.wiring.procedures import runbooks as runbooks
from engine.wiring.procedures import runbooks_stale as runbooks_stale
from engine.wiring.reloads import policy_offered as policy_offered
from engine.wiring.reloads import policy_prepared as policy_prepared
from engine.wiring.reloads import policy_stale as policy_stale
from engine.wiring.reloads import take_policy as take_policy
from engine.wiring.tools import Say as Say
from engine.wiring.tools import obtain_tool as obtain_tool
from engine.wiring.tools import quiet as quiet
from engine.wiring.tools import scanner as scanner
from engine.wiring.tools import shipped as shipped
from engine.wiring.traces import trace_intake as trace_intake
from engine.wiring.traces import traced as traced
from engine.wiring.traces import tracing as tracing


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
        from engine.adapters.signals.kubernetes import KINDS as SIGNALLING
        from engine.core.facts.cluster_view import KINDS

        found: list[dict[str, Any]] = []
        for kind in dict.fromkeys((*KINDS, *SIGNALLING)):
            try:
                found.extend(self.ports.cluster.all(kind))
            except NotFound:
                continue
        return found


def instant(at: str | None) -> str:
    """The time given, or the clock's."""
    return format_instant(datetime.now(UTC) if at is None else parse_instant(at, where="--at"))


@contextmanager
def gate(
    settings: Settings,
    *,
    acting: bool,
    say: Say = quiet,
    needs_cluster: bool = True,
    looking_at: Cluster | None = None,
) -> Iterator[Gate]:
    """Everything wired. ``acting`` false, or a gate set to shadow, gets no forge: it opens and merges nothing, ever.

    ``looking_at`` is a cluster that is followed already; without it, the one that is set is looked at.
    """
    with ExitStack() as held:
        cluster = looking_at or clusters.cluster(settings, needed=needs_cluster)
        yield Gate(_ports(settings, held, cluster, acting=acting, say=say), settings)


def _ports(settings: Settings, held: ExitStack, cluster: Cluster, *, acting: bool, say: Say) -> Ports:
    opened = held.enter_context(closing(repository(settings))) if settings.has_repository else None
    policy = held.enter_context(policy_engine(settings, say=say, kept=acting, opened=opened))
    kept = held.enter_context(ledger(settings) if acting else asking_ledger(settings))
    return Ports(
        policy=policy,
        ledger=kept,
        cluster=cluster,
        runbooks=runbooks(settings, opened) if acting else asked_runbooks(settings, opened),
        repository=opened,
        renderer=_renderer(settings, say) if opened else None,
        forge=forge(settings, opened, held) if acting and opened and not settings.shadow else None,
        analyst=_analyst(settings) if acting else None,
        scanner=scanner(settings, held),
        dry_run=clusters.dry_run(settings),
        notifiers=notifiers(settings),
        evidence=_evidence(settings) if acting else (),
        branch=settings.branch,
        gate_all_pull_requests=settings.gate_all_pull_requests,
        sync_seconds=settings.sync_seconds,
        repositories=frozenset(settings.repository_urls.split()),
        autonomy_data=autonomy_data(settings),
        runbooks_place=settings.runbooks_place.strip("/") or settings.runbooks_on_branch,
        policy_place=settings.policy_on_branch.get("policies", "").strip("/"),
        replay_head=replay_of_head(settings, opened, kept),
    )


def _analyst(settings: Settings) -> Analyst:
    from engine.adapters.llm.signatures import SignatureAnalyst

    if not settings.model:
        return SignatureAnalyst()
    from engine.adapters.llm.conversation import Endpoint
    from engine.adapters.llm.model import ModelAnalyst

    bounds = (settings.model_seconds, settings.model_tokens, settings.model_steps)
    return ModelAnalyst(Endpoint(settings.model_url, settings.model, settings.model_key, *bounds), SignatureAnalyst())


def _evidence(settings: Settings) -> tuple[EvidenceSource, ...]:
    found: list[EvidenceSource] = []
    token = settings.evidence_token
    if settings.prometheus_url:
        from engine.adapters.evidence.prometheus import PrometheusSource

        found.append(PrometheusSource(settings.prometheus_url, token))
    if settings.loki_url:
        from engine.adapters.evidence.loki import LokiSource

        found.append(LokiSource(settings.loki_url, token))
    if settings.tempo_url:
        from engine.adapters.evidence.tempo import TempoSource

        found.append(TempoSource(settings.tempo_url, token))
    return tuple(found)


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
    """The same gate, with nothing remembered of what its cluster, or the branch of policy and runbooks, looked like."""
    from engine.adapters.opa.following import FollowingPolicyEngine
    from engine.adapters.runbooks.following import FollowedRunbooks

    policy, books = counted(gate_.ports.policy), gate_.ports.runbooks
    if isinstance(policy, FollowingPolicyEngine):
        policy.follow()
    if isinstance(books, FollowedRunbooks):
        books.follow()
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


def shell_grammar() -> ShellGrammar:
    """What reads the commands that agents write."""
    from engine.adapters.shell.bash_grammar import BashGrammar

    return BashGrammar()


def certificates(folder: Path, names: list[str], *, now: datetime, due: bool) -> bool:
    """Make or rotate the certificates of admission in a folder; false where ``due`` says that it is too early."""
    from engine.adapters.certificates import authority

    if due and not authority.due(folder, now=now):
        return False
    authority.rotate(folder, names, now=now)
    return True
