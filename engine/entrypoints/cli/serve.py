"""``penstock serve``: the HTTP surface, on loopback unless told otherwise."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from engine.entrypoints.cli.decide import Data, Repo, Snapshot

if TYPE_CHECKING:
    from engine.entrypoints.web.desk import Desk
    from engine.ports import FollowedCluster
    from engine.settings import Settings
    from engine.wiring import Say

HAND_OVER_SECONDS = 0.0005  # an answer passes several threads, each of which waits for the one that is at work

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def serve(
    snapshot: Snapshot = None,
    repo: Repo = None,
    data: Data = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = -1,
) -> None:
    """Serve the HTTP API, and the console at /console.

    Whoever calls needs the token of a named identity: penstock identities add. An address that others can reach is
    refused while there are none. Routes are described at /v1/openapi.json.
    """
    import uvicorn

    from engine import wiring
    from engine.adapters.identity.token_file import read_identities, write_identities
    from engine.entrypoints.cli.asking import given
    from engine.entrypoints.cli.log import log_to_stderr
    from engine.entrypoints.web.analysing import Analysing
    from engine.entrypoints.web.app import create_app
    from engine.entrypoints.web.loop import Loop
    from engine.entrypoints.web.replaying import Replaying
    from engine.usecases.reconcile_pull_request import reconcile

    sys.setswitchinterval(HAND_OVER_SECONDS)
    settings = given(snapshot=snapshot, repo=repo, data=data)
    say = log_to_stderr(settings.log)
    address, number = host or settings.host, settings.port if port < 0 else port
    identities = partial(read_identities, settings.tokens_file)
    keep = partial(write_identities, settings.tokens_file)
    refuse_open_doors(address, bool(identities()))
    with (
        wiring.tracing(settings) as tracer,
        _looking(settings) as followed,
        wiring.gate(settings, acting=True, say=say, looking_at=followed) as opened,
    ):
        gate, meter = wiring.measured(wiring.traced(opened, tracer))
        web = create_app(gate, identities, keep=keep, review=wiring.token_review(settings))
        wiring.trace_intake(web, tracer)
        web.state.desk.meter = meter
        say(f"listening on http://{address}:{number}, state in {settings.state}")
        loop = Loop(web.state.desk, reconcile, settings.poll_seconds, say)
        desk = web.state.desk
        analysing = Analysing(desk, say) if settings.analyse else nullcontext()
        replaying = Replaying(desk, say) if desk.gate.ports.replay_head else nullcontext()
        with (
            _ending_well(),
            admission(settings, desk, address, say),
            loop,
            analysing,
            replaying,
            _watching(desk, followed, say),
        ):
            quiet = partial(uvicorn.run, log_config=None, log_level="warning", server_header=False)
            quiet(web, host=address, port=number, timeout_keep_alive=15)


@contextmanager
def _looking(settings: Settings) -> Iterator[FollowedCluster | None]:
    """The live cluster, followed while the gate serves; nothing where it looks at a recording."""
    from engine import wiring

    with wiring.following(settings) if wiring.followed(settings) else nullcontext() as cluster:
        yield cluster


def _watching(desk: Desk, cluster: FollowedCluster | None, say: Say) -> AbstractContextManager[object]:
    """Observe what changes in a followed cluster; troubles go where readiness tells them."""
    from engine.entrypoints.watcher import Watcher

    if cluster is None:
        return nullcontext()

    def looked(unknown: int) -> None:
        desk.pulse.watched, desk.pulse.unknown_kinds = desk.now(), unknown

    heard = partial(_woken, desk)
    return Watcher(desk.gate.ports, cluster, say, heard, troubles=desk.pulse.troubles, looked=looked)


def _woken(desk: Desk, _: object) -> None:
    desk.wake.set()


@contextmanager
def admission(settings: Settings, desk: Desk, address: str, say: Say) -> Iterator[None]:
    """Answer the API server by TLS meanwhile, where a certificate is set."""
    from engine.entrypoints.web.admission import create_admission_app
    from engine.entrypoints.web.tls import Certificate, listening

    if settings.admission_cert is None or settings.admission_key is None:
        yield
        return
    certificate = Certificate(settings.admission_cert, settings.admission_key)
    with listening(create_admission_app(desk), certificate, address, settings.admission_port) as port:
        say(f"answering the API server on https://{address}:{port}")
        yield


@contextmanager
def _ending_well() -> Iterator[None]:
    """Let a request to end unwind what was begun, where the process would else be gone at once."""

    def leave(_signal: int, _frame: object) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def refuse_open_doors(address: str, known: bool) -> None:
    """Raises :class:`BadInput` for an address that others reach while no identity is set up."""
    from engine.core.errors import BadInput

    if address not in ("127.0.0.1", "::1", "localhost") and not known:
        raise BadInput(
            "others could reach it, and no identity is set up",
            where=address,
            remedy="Make one: penstock identities add",
        )
