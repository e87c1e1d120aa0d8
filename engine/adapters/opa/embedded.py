"""The evaluator inside this process: no server to lose, the same input always the same answer.

Each thread has its own instance. An instance that failed, or that one large input made grow, is replaced by a fresh
one, so that no evaluation leaves anything behind for the next.
"""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from typing import Any, Self

import orjson
import wasmtime

from engine.adapters.opa.bundle import ENTRYPOINT, Bundle
from engine.adapters.opa.module_cache import load_module
from engine.adapters.opa.verdict import check_document, check_verdict, undefined
from engine.adapters.opa.wasm import EVALUATOR, TICK_SECONDS, Instance, Limits, make_engine
from engine.core.decision import PolicyIdentity, Verdict
from engine.core.errors import GarbledDecision

_KEPT_PAGES = 512


class EmbeddedPolicyEngine:
    """Answers from a bundle compiled to WebAssembly. Safe to use from several threads."""

    def __init__(self, bundle: Bundle, *, cache: Path, limits: Limits | None = None, entrypoint: str = ""):
        """Compile or load the module and try it once. Raises :class:`~engine.core.errors.UnfitBundle`."""
        self._bundle = bundle
        self._identity = bundle.identity
        self._limits = limits or Limits()
        self._entrypoint = entrypoint or ENTRYPOINT
        self._engine = make_engine()
        self._module = load_module(self._engine, bundle, cache)
        self._local = threading.local()
        self._closed = threading.Event()
        self._ticker: threading.Thread | None = None
        self._starting = threading.Lock()
        self._local.instance = self._instantiate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of this thread's instance and of the clock; deciding again starts both."""
        self._closed.set()
        self._local.instance = None

    def identity(self) -> PolicyIdentity:
        """The bundle this engine was made with."""
        return self._identity

    def data(self, topic: str) -> dict[str, Any]:
        """One topic of policy data, overlay included."""
        return self._bundle.topic(topic)

    def decide(self, document: bytes) -> Verdict:
        """The verdict on an input document; see :class:`~engine.ports.PolicyEngine` for what it raises."""
        check_document(document)
        self._keep_time()
        instance = getattr(self._local, "instance", None) or self._instantiate()
        self._local.instance = None
        answer = instance.evaluate(document)  # raising, it leaves no instance behind
        self._local.instance = instance if instance.pages <= _KEPT_PAGES else None
        return _verdict(answer)

    def _instantiate(self) -> Instance:
        return Instance(
            self._engine,
            self._module,
            data=self._bundle.data_json,
            entrypoint=self._entrypoint,
            limits=self._limits,
        )

    def _keep_time(self) -> None:
        """A thread's ticks interrupt evaluations. A fork or a close leaves none, so it is looked for each time."""
        if self._ticking():
            return
        with self._starting:
            if not self._ticking():
                self._closed = threading.Event()
                arguments = (weakref.ref(self._engine), self._closed)
                self._ticker = threading.Thread(target=_tick, args=arguments, name="policy-clock", daemon=True)
                self._ticker.start()

    def _ticking(self) -> bool:
        return self._ticker is not None and self._ticker.is_alive() and not self._closed.is_set()


def _tick(engine: weakref.ref[wasmtime.Engine], closed: threading.Event) -> None:
    while not closed.wait(TICK_SECONDS):
        alive = engine()
        if alive is None:
            return
        alive.increment_epoch()
        del alive


def _verdict(answer: bytes) -> Verdict:
    try:
        results = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise GarbledDecision(f"the answer is not JSON: {error}", where=EVALUATOR) from None
    if not results:
        raise undefined(EVALUATOR)
    if not isinstance(results, list) or len(results) != 1 or set(results[0]) != {"result"}:
        raise GarbledDecision("the answer is not one result", where=EVALUATOR)
    return check_verdict(results[0]["result"], evaluator=EVALUATOR)
