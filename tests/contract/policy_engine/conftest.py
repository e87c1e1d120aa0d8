"""Every evaluator behind one word, so that one suite holds them all to one promise."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.referee import RefereePolicyEngine
from engine.adapters.opa.server import AsyncOpaServerEngine, OpaServerEngine
from engine.adapters.opa.server_process import OpaServerProcess
from engine.adapters.opa.wasm import Limits
from engine.adapters.tools.obtain import obtain
from engine.core.decision import PolicyIdentity, Verdict
from engine.ports import PolicyEngine

ROOT = Path(__file__).parents[3]
FIXTURE = Path(__file__).parent / "fixture_policy"
ENGINES = ("embedded", "server", "server-async", "referee")

Open = Callable[..., PolicyEngine]


@pytest.fixture(scope="session")
def opa() -> Path:
    """The pinned binary."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "penstock"
    cache = Path(os.environ.get("PENSTOCK_CACHE") or base)
    return obtain("opa", cache=cache, environment=os.environ, say=lambda _: None)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of the fixture's policies folder that a test may change."""
    folder = tmp_path / "policies"
    shutil.copytree(FIXTURE, folder)
    shutil.copy(ROOT / "policies" / "capabilities.json", folder / "capabilities.json")
    return folder


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the session's own."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def bundle(policies: Path, cache: Path, opa: Path) -> Bundle:
    """The fixture's bundle, unchanged."""
    return load_bundle(policies, cache=cache, opa=lambda: opa)


class Blocking:
    """The asynchronous engine, driven from outside its loop."""

    def __init__(self, url: str, expected: PolicyIdentity, *, seconds: float = 1.0, token: str = "") -> None:
        self._runner = asyncio.Runner()
        self._engine = AsyncOpaServerEngine(url, expected, seconds=seconds, token=token)

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self._runner.run(self._engine.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._engine.__aexit__(None, None, None))
        self._runner.close()

    def identity(self) -> PolicyIdentity:
        return self._engine.identity()

    def data(self, topic: str) -> dict[str, Any]:
        return self._runner.run(self._engine.data(topic))

    def decide(self, document: bytes) -> Verdict:
        return self._runner.run(self._engine.decide(document))


@pytest.fixture(scope="session")
def serve(opa: Path) -> Iterator[Callable[[Bundle], OpaServerProcess]]:
    """A real server for a bundle, one for each bundle in the session."""
    with ExitStack() as held:
        running: dict[str, OpaServerProcess] = {}

        def served(bundle: Bundle) -> OpaServerProcess:
            if bundle.digest not in running:
                running[bundle.digest] = held.enter_context(OpaServerProcess(opa, bundle))
            return running[bundle.digest]

        yield served


@pytest.fixture(params=ENGINES)
def open_engine(
    request: pytest.FixtureRequest, cache: Path, serve: Callable[[Bundle], OpaServerProcess]
) -> Iterator[Open]:
    """Opens the evaluator under test on a bundle, with a bound in seconds on each decision."""
    with ExitStack() as held:

        def opened(bundle: Bundle, *, seconds: float = 20.0) -> PolicyEngine:
            embedded = EmbeddedPolicyEngine(bundle, cache=cache, limits=Limits(seconds=seconds))
            if request.param == "embedded":
                return held.enter_context(embedded)
            kind = Blocking if request.param == "server-async" else OpaServerEngine
            server = held.enter_context(kind(serve(bundle).url, bundle.identity, seconds=seconds))
            return server if request.param != "referee" else RefereePolicyEngine(held.enter_context(embedded), server)

        yield opened


@pytest.fixture
def engine(open_engine: Open, bundle: Bundle) -> PolicyEngine:
    """The evaluator under test on the fixture's bundle."""
    return open_engine(bundle)


@pytest.fixture(params=[OpaServerEngine, Blocking], ids=["server", "server-async"])
def ask_server(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Opens either engine that asks a server, on any address."""
    with ExitStack() as held:
        yield lambda url, expected, **options: held.enter_context(request.param(url, expected, **options))
