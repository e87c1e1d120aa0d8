"""What the use cases need from outside, as Protocols; each has an adapter and a contract test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from engine.core.budget import BudgetName, Reservation
    from engine.core.change.findings import Found
    from engine.core.change.model import Change, FileEdit
    from engine.core.change.source import Source
    from engine.core.check_report import CheckReport
    from engine.core.classification import RunbookIndex
    from engine.core.command.meaning import SimpleCommand
    from engine.core.decision import PolicyIdentity, Verdict
    from engine.core.message import Message
    from engine.core.pull_request import PullRequest, PullRequestDraft, Review
    from engine.core.record import Entry, Record

Result = TypeVar("Result")
Gather = Callable[[str], dict[str, Any]]


class PolicyEngine(Protocol):
    """Answers an input document with a verdict.

    Every way of not answering raises a :class:`~engine.core.errors.CouldNotDecide`; there is no default answer.
    """

    def decide(self, document: bytes) -> Verdict:
        """The verdict on canonical JSON bytes of an input document."""
        ...

    def identity(self) -> PolicyIdentity:
        """Which policy answers now."""
        ...

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of policy data as the evaluator sees it (``calendar``, ``people`` …)."""
        ...


class Cluster(Protocol):
    """Read-only view of one cluster: objects as the Kubernetes API gives them."""

    name: str

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """One object by kind (``Deployment``), or ``None`` when the API says there is none."""
        ...

    def all(self, kind: str, namespace: str | None = None) -> Sequence[dict[str, Any]]:
        """All objects of a kind. Raises :class:`~engine.core.errors.NotFound` when this kind can't be read at all."""
        ...


class FollowedCluster(Cluster, Protocol):
    """A cluster that is followed all the time: what there is now is at hand, and what changes is handed over."""

    def changed(self, seconds: float) -> Sequence[dict[str, Any]]:
        """What is new or different since the last time, each object once; waits ``seconds`` for the first of it."""
        ...

    def around(self, objects: Iterable[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        """These objects, what Events among them are about, and their owners up to the topmost."""
        ...

    def troubles(self) -> Mapping[str, str]:
        """What isn't known now, and why, by kind."""
        ...


class GitRepository(Protocol):
    """A repository read and written through its object database: no checkout, no hooks, no shell."""

    def head(self, branch: str) -> str:
        """The commit a branch points at. Raises :class:`~engine.core.errors.NotFound`."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file's bytes at a commit; ``None`` where there is none. Symlinks and submodules are never followed."""
        ...

    def paths(self, commit: str, under: str = "") -> Sequence[str]:
        """Paths of all regular files at a commit, below a folder."""
        ...

    def merge_base(self, one: str, other: str) -> str:
        """The newest commit that both were made on top of. Raises :class:`~engine.core.errors.NotFound`."""
        ...

    def changes(self, old: str, new: str) -> Sequence[FileEdit]:
        """The edits from one commit's files to another's.

        Raises :class:`~engine.core.errors.ChangeRefused` for anything but regular files.
        """
        ...

    def history(self, commit: str, path: str, limit: int) -> Sequence[CommitSummary]:
        """Commits that changed a path, newest first."""
        ...

    def commit(self, base: str, edits: Sequence[FileEdit], *, message: str, author: str, at: str) -> str:
        """Write a commit on top of ``base`` with these edits and return its id; no branch is moved.

        Raises :class:`~engine.core.errors.ChangeRefused` when an edit's ``before`` isn't what ``base`` holds.
        """
        ...

    def materialise(self, commit: str, under: str, edits: Sequence[FileEdit] = ()) -> AbstractContextManager[str]:
        """A temporary folder with the regular files below ``under``, edits applied, for a renderer to read."""
        ...


class Renderer(Protocol):
    """Makes Kubernetes objects of a source's files, as the GitOps controller would: no network, no cluster."""

    def render(self, source: Source, files: Mapping[str, bytes]) -> Sequence[dict[str, Any]]:
        """All objects that ``source`` makes of ``files`` (paths from the repository's root), in order.

        Raises :class:`~engine.core.errors.RenderFailed` when it makes none of them, and
        :class:`~engine.core.errors.ToolUnavailable` when its program can't be had.
        """
        ...


class CommitSummary(Protocol):
    """One commit of a path's history."""

    @property
    def id(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def trailers(self) -> dict[str, str]: ...


class Forge(Protocol):
    """Pull requests, wherever they live."""

    def open(self, draft: PullRequestDraft, change: Change, *, at: str) -> PullRequest:
        """Open a pull request, or update the open one with the same key in place.

        Raises :class:`~engine.core.errors.ForgeRefused` when a person has edited that branch.
        """
        ...

    def get(self, number: int) -> PullRequest:
        """One pull request. Raises :class:`~engine.core.errors.NotFound`."""
        ...

    def find(self, key: str) -> Sequence[PullRequest]:
        """All pull requests with a key, newest first."""
        ...

    def list_open(self) -> Sequence[PullRequest]:
        """All open pull requests that the gate made."""
        ...

    def list_others(self) -> Sequence[PullRequest]:
        """All open pull requests onto the base that the gate didn't make; key and decision id of theirs are empty.

        ``get``, ``comment`` and ``report`` take their numbers; ``merge`` and ``close`` refuse them.
        """
        ...

    def review(self, number: int, review: Review) -> PullRequest:
        """Add one review."""
        ...

    def rewrite(self, number: int, body: str) -> None:
        """Write the text of a pull request of the gate's own anew, keeping what is hidden in it.

        Raises :class:`~engine.core.errors.ForgeRefused` for any other.
        """
        ...

    def ask(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask accounts and teams for a review, also those that gave one. Whom the forge won't ask isn't asked."""
        ...

    def comment(self, number: int, text: str) -> None:
        """Write the gate's one comment, replacing its earlier text."""
        ...

    def report(self, number: int, head: str, check: CheckReport, *, at: str) -> None:
        """Say the required check on a head commit, replacing what was said there before, by whomever.

        Raises :class:`~engine.core.errors.NotFound` when the pull request or its head isn't there.
        """
        ...

    def merge(self, number: int, *, expected_head: str, trailers: dict[str, str], by: str, at: str) -> PullRequest:
        """Merge when head is still ``expected_head`` and the base has no conflict.

        Raises :class:`~engine.core.errors.StaleReceipt` or :class:`~engine.core.errors.ForgeRefused`;
        nothing moves then.
        """
        ...

    def close(self, number: int, *, note: str, at: str) -> PullRequest:
        """Close without merging."""
        ...


class Transaction(Protocol):
    """One unit of work on the ledger: all of it becomes durable, or none."""

    def append(self, entry: Entry, *, at: str) -> Record:
        """Add to the record's chain."""
        ...

    def tip(self) -> str:
        """The digest of the last record."""
        ...

    def records(self, *, kind: str = "", subject: str = "") -> Sequence[Record]:
        """Records in order, filtered."""
        ...

    def used(self, budget: BudgetName, scope: str, *, since: str, now: str) -> int:
        """Reserved (not lapsed) and committed amounts since an instant."""
        ...

    def reserve(self, reservation: Reservation) -> None:
        """Hold an amount; unique per budget and decision."""
        ...

    def settle(self, decision_id: str, *, committed: bool, at: str) -> None:
        """Commit or release what a decision holds. Settling twice changes nothing."""
        ...

    def put(self, collection: str, key: str, document: dict[str, Any], *, status: str = "", at: str) -> None:
        """Insert or replace one document (``incidents``, ``proposals`` …)."""
        ...

    def find(self, collection: str, key: str) -> dict[str, Any] | None:
        """One document, or ``None``."""
        ...

    def select(self, collection: str, *, status: str = "") -> Sequence[dict[str, Any]]:
        """Documents of a collection in order of insertion, filtered by status."""
        ...

    def count(self, collection: str, *, status: str) -> int:
        """How many documents of a collection have this very status."""
        ...

    def forget(self, collection: str, *, status: str, before: str, most: int) -> int:
        """Take away what was last written before an instant among the ``most`` oldest documents with this very status.

        Says how many went. What is older but beyond ``most`` waits for the next time, so that no unit is long.
        """
        ...

    def switch_mode(self) -> str:
        """The kill switch: ``normal``, ``advisory`` or ``frozen``."""
        ...

    def set_switch(self, mode: str, *, by: str, reason: str, at: str) -> None:
        """Move the kill switch."""
        ...


class Ledger(Protocol):
    """State and record. A result is returned only after it is durable; concurrent units share one commit."""

    def run(self, unit: Callable[[Transaction], Result]) -> Result:
        """Run one unit of work alone against the latest state, and return when it is durable.

        An exception of the unit undoes that unit only. Raises :class:`~engine.core.errors.LedgerUnavailable`.
        """
        ...

    def export(self) -> Iterator[Record]:
        """The whole chain in order, streamed."""
        ...

    def set_aside(self, entry: Entry, *, at: str) -> None:
        """Keep an entry durably outside the store when it can't take it; it joins the chain when it can be opened.

        Raises :class:`~engine.core.errors.LedgerUnavailable` when that fails too.
        """
        ...

    def close(self) -> None:
        """Finish what is queued and let go of the store."""
        ...


class Notifier(Protocol):
    """One channel to people. It is told after the fact and never inside a transaction."""

    name: str

    def tell(self, message: Message) -> None:
        """Deliver one message, which may be a repetition under the same key.

        Raises :class:`~engine.core.errors.NotDelivered`.
        """
        ...


class ShellGrammar(Protocol):
    """Reads a script as a shell would, without running or expanding anything."""

    def commands(self, text: str) -> Sequence[SimpleCommand]:
        """Every simple command, in the order they are written.

        Raises :class:`~engine.core.command.refusal.CommandRefused` for anything that isn't understood whole.
        """
        ...


class DryRun(Protocol):
    """Asks the cluster what it would make of an object, and stores nothing there.

    Its identity may write as far as roles go; that it never does is the adapter's promise and the cluster's rule.
    """

    def live(self, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object as it is, with the managers of its fields; ``None`` where there is none.

        Raises :class:`~engine.core.errors.DryRunRefused` for an object that this cluster can't have, and
        :class:`~engine.core.errors.DryRunUntried` where it couldn't be asked.
        """
        ...

    def apply(self, manifest: Mapping[str, Any], manager: str = "") -> dict[str, Any]:
        """The object as applying ``manifest`` under a manager of fields would leave it. Raises as :meth:`live`."""
        ...

    def remove(self, manifest: Mapping[str, Any]) -> None:
        """Ask whether the object may be deleted; one that isn't there may. Raises as :meth:`live`."""
        ...


class EvidenceSource(Protocol):
    """Answers vetted queries of one source, by reading alone."""

    name: str

    def ask(self, text: str, *, at: str) -> str:
        """What a query of the runbook's says at an instant, as text.

        Raises :class:`~engine.core.errors.EvidenceUnavailable`, within a bound of time and size.
        """
        ...


class Analyst(Protocol):
    """Fills an incident's analysis. It has no way to act."""

    def analyse(self, brief: dict[str, Any], gather: Gather) -> dict[str, Any]:
        """Hypotheses and ranked options, all of them untrusted.

        ``gather`` runs one of the runbook's own queries by its id and gives the piece of evidence that it made.
        """
        ...


class Scanner(Protocol):
    """Says what fails in an object, as a change makes it, and what of that was there before."""

    def scan(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Sequence[Found]:
        """What fails in ``after``; ``before`` is ``None`` where the change adds the object.

        Raises :class:`~engine.core.errors.ScanFailed`, within a bound of time.
        """
        ...

    def scan_plan(self, document: bytes) -> Sequence[Found]:
        """As ``scan``, of the resources of a Terraform plan as JSON, before it and after it."""
        ...

    def scan_files(self, before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Found]:
        """As ``scan``, of Terraform files by path."""
        ...


ReplayHead = Callable[[str], Callable[[], tuple[bool, list[str]]]]


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a use case may be given.

    ``forge`` is ``None`` in shadow mode, so that shadow can't open anything whatever it decides. ``repository``
    and ``renderer`` are ``None`` where no GitOps repository is set; every action that needs a change is then refused.
    ``sync_seconds`` is how long a merged commit may take to reach the cluster before people are told.
    ``repositories`` are the addresses that Argo CD and Flux know the GitOps repository by.
    ``policy_place`` is its folder of policies. ``replay_head`` lays out the policies of a commit; what it returns needs
    no repository and says whether replaying every recorded decision through them lets nothing unmeant through, and in
    lines what comes out otherwise.
    ``runbooks_place`` is its folder of runbooks, empty where they don't live there.
    ``autonomy_data`` is the file of that repository which says the phases; empty where policy doesn't live there.
    """

    policy: PolicyEngine
    ledger: Ledger
    cluster: Cluster
    runbooks: RunbookIndex
    repository: GitRepository | None = None
    renderer: Renderer | None = None
    forge: Forge | None = None
    analyst: Analyst | None = None
    scanner: Scanner | None = None
    dry_run: DryRun | None = None
    notifiers: tuple[Notifier, ...] = ()
    evidence: tuple[EvidenceSource, ...] = ()
    branch: str = "main"
    gate_all_pull_requests: bool = False
    sync_seconds: int = 900
    repositories: frozenset[str] = frozenset()
    autonomy_data: str = ""
    policy_place: str = ""
    runbooks_place: str = ""
    replay_head: ReplayHead | None = None
