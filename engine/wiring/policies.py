"""Which policy decides, which ones are kept, and which one may come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from engine.core import canonical
from engine.core.errors import BadInput
from engine.ports import Ledger, PolicyEngine, ReplayHead
from engine.settings import Settings
from engine.wiring.forges import repository
from engine.wiring.tools import Say, obtain_tool, quiet, shipped


def policy_engine(settings: Settings, *, say: Say = quiet, kept: bool = False, opened: Any = None) -> Any:
    """The evaluator that is set: a context manager that is a :class:`PolicyEngine`.

    With ``kept`` its policy is kept beside the record, so that what it decides can be replayed, and a newer one is
    taken when it is there. Policy that is set to live in the GitOps repository is read from the protected branch of
    ``opened``, or of the repository that is set.
    """
    if not settings.policy_on_branch:
        return _reloading(settings, say=say) if kept else _loaded(settings, say=say, kept=False).engine
    from engine.adapters.opa.following import FollowingPolicyEngine

    def load(places: dict[str, Any]) -> Any:
        return _loaded(replace(settings, **places), say=say, kept=kept).engine

    source = repository(settings) if opened is None else opened
    return FollowingPolicyEngine(source, settings.branch, settings.policy_on_branch, load)


def _reloading(settings: Settings, *, say: Say) -> Any:
    from engine.adapters.opa.accepted import last_accepted
    from engine.adapters.opa.reloading import ReloadingPolicyEngine, archive_fingerprint, folder_fingerprint

    place, signed = settings.policies or shipped("policies"), settings.policy_key is not None
    before = last_accepted(policy_archive(settings))

    def last() -> Any:
        remembered = replace(settings, policies=before)
        return _loaded(remembered, say=say, kept=True) if signed and before.is_file() else None

    look = partial(archive_fingerprint, place) if signed else partial(folder_fingerprint, place, settings.data)
    return ReloadingPolicyEngine(look, partial(_loaded, settings, say=say, kept=True), last)


def _loaded(settings: Settings, *, say: Say, kept: bool) -> Any:
    """The evaluator with its archive. A signed bundle is noted as accepted only when it can be evaluated."""
    from engine.adapters.opa.reloading import Loaded

    state = policy_archive(settings)
    if settings.policy_key is None:
        bundle, signed = _built(settings, say=say), None
    else:
        from engine.adapters.opa.accepted import check_newer
        from engine.adapters.opa.signed import read_signed

        place = settings.policies or shipped("policies")
        signed = read_signed(place, keys=settings.policy_key, cache=settings.cache)
        bundle = signed.bundle
        check_newer(signed, state)
    engine = _evaluator(settings, bundle)
    if kept:
        from engine.adapters.opa.archive import keep

        keep(bundle, state)
    if kept and signed is not None:
        from engine.adapters.opa.accepted import accept

        accept(signed, state)
    if signed is None:
        return Loaded(engine, bundle.served.read_bytes(), bundle.digest)
    return Loaded(engine, signed.archive, canonical.digest_bytes(signed.archive))


def _built(settings: Settings, *, say: Say) -> Any:
    from engine.adapters.opa.bundle import load_bundle

    return load_bundle(
        settings.policies or shipped("policies"),
        cache=settings.cache,
        opa=partial(obtain_tool, settings, "opa", say=say),
        overlay=settings.data,
        say=say,
    )


def _evaluator(settings: Settings, bundle: Any) -> Any:
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


def candidate_policy(settings: Settings, policies: Path, *, gist: bool = False, say: Say = quiet) -> Any:
    """The embedded evaluator of a policies folder that isn't in force, with the overlay that is set.

    With ``gist`` its verdicts say nothing of why, and cost half.
    """
    from engine.adapters.opa.bundle import load_bundle
    from engine.adapters.opa.embedded import EmbeddedPolicyEngine

    opa = partial(obtain_tool, settings, "opa", say=say)
    bundle = load_bundle(policies, cache=settings.cache, opa=opa, overlay=settings.data, say=say)
    return EmbeddedPolicyEngine(bundle, cache=settings.cache, entrypoint=bundle.gist if gist else "")


def prover(settings: Settings, policies: Path, corpus: Path, *, say: Say = quiet) -> Any:
    """What proves a policies folder by a corpus. Raises :class:`BadInput` for one that can't be read."""
    from engine.adapters.opa.bundle import load_bundle
    from engine.adapters.opa.policy_tree import read_policies
    from engine.adapters.opa.prove import Prover

    cases = _cases(corpus)
    opa = obtain_tool(settings, "opa", say=say)
    bundle = load_bundle(policies, cache=settings.cache, opa=lambda: opa, say=say)
    return Prover(read_policies(policies.resolve()), bundle, cases, opa=opa, cache=settings.cache)


def _cases(corpus: Path) -> Any:
    """The cases of a corpus. Raises :class:`BadInput` for one that can't be read."""
    from engine.core.corpus import read_cases

    try:
        return read_cases(corpus.read_bytes().splitlines(), where=str(corpus))
    except OSError as error:
        problem, remedy = error.strerror or "can't be read", "Make it with make corpus, or give --corpus"
        raise BadInput(problem, where=str(corpus), remedy=remedy) from None


def policy_space(policies: Path, corpus: Path | None = None) -> Any:
    """The space in which sentences about a policy are tried; it also starts from the cases of a corpus that is given.

    Raises :class:`BadInput` for a folder without one, or with one that can't be read.
    """
    from engine.adapters.opa.space_files import read_space

    return read_space(policies, _cases(corpus) if corpus else ())


def policy_corpus(policies: Path) -> Path | None:
    """The corpus of a policies folder, ``None`` where it has none."""
    corpus = policies / "corpus" / "cases.jsonl"
    return corpus if corpus.exists() else None


def policy_sentences(policies: Path) -> Any:
    """The invariants that are written beside a policy. Raises :class:`BadInput` naming the line."""
    from engine.adapters.opa.space_files import read_sentences

    return read_sentences(policies)


def policy_in_world(
    settings: Settings, policies: Path, world: Path | None = None, *, gist: bool = False, say: Say = quiet
) -> Any:
    """The embedded evaluator of a policies folder in the organisation that its invariants are tried in, or another."""
    from engine.adapters.opa.space_files import world_of

    return candidate_policy(replace(settings, data=world or world_of(policies)), policies, gist=gist, say=say)


def _server_engine(settings: Settings, bundle: Any) -> Any:
    from engine.adapters.opa.server import OpaServerEngine

    return OpaServerEngine(settings.opa_url, bundle.identity)


def replay_of_head(settings: Settings, opened: Any, ledger: Ledger) -> ReplayHead | None:
    """Replays the record through the policies of a commit; ``None`` where policy doesn't live in the repository."""
    places = settings.policy_on_branch
    if "policies" not in places or opened is None:
        return None

    def laid_out(commit: str) -> Callable[[], tuple[bool, list[str]]]:
        with ExitStack() as laying:
            laid: dict[str, Any] = {
                name: Path(laying.enter_context(opened.materialise(commit, path))) / path
                for name, path in places.items()
            }
            return partial(_replayed, replace(settings, **laid), laid["policies"], ledger, laying.pop_all())

    return laid_out


def _replayed(settings: Settings, policies: Path, ledger: Ledger, held: ExitStack) -> tuple[bool, list[str]]:
    """Whether nothing unmeant is let through, and what comes out otherwise; ends what was ``held`` for it."""
    from engine.adapters.opa.change_note import read_change_note
    from engine.usecases import replay
    from engine.usecases.tell_replay import told

    with held:
        candidate = held.enter_context(candidate_policy(settings, policies))
        past = replay.past_decisions(ledger.export())
        found = replay.replay(past, kept_policies(settings, held), candidate)
        report = replay.summarise(found, read_change_note(policies))
    return report.holds, told(report, markdown=False)


def autonomy_data(settings: Settings) -> str:
    """The file of the GitOps repository whose phases have the last word; empty where policy doesn't live there."""
    from engine.core.autonomy import AUTONOMY_FILE

    places = settings.policy_on_branch
    if "data" in places:
        return places["data"].strip("/")
    return f"{places['policies'].strip('/')}/{AUTONOMY_FILE}" if "policies" in places else ""
