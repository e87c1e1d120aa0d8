"""A compiled policy asked about many inputs, each with policy data of its own.

Loading data costs more than an answer, so each thread keeps an instance for each of the latest data it was asked with.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from engine.adapters.opa.bundle import ENTRYPOINT, Bundle
from engine.adapters.opa.module_cache import load_module
from engine.adapters.opa.verdict import check_verdict
from engine.adapters.opa.wasm import EVALUATOR, Instance, Limits, make_engine
from engine.core import canonical
from engine.core.decision import Verdict
from engine.core.errors import CouldNotDecide

_KEPT = 64
Held = dict[int, tuple[Mapping[str, Any], Instance]]


class PolicyWithData:
    """Asks one compiled policy with whatever data. Safe to use from several threads."""

    def __init__(self, bundle: Bundle, *, cache: Path) -> None:
        """Load the module. Raises :class:`~engine.core.errors.UnfitBundle` for one that can't be."""
        self._engine = make_engine()
        self._module = load_module(self._engine, bundle, cache)
        self._local = threading.local()

    def verdict(self, document: Mapping[str, Any], data: Mapping[str, Any]) -> Verdict | None:
        """The verdict on an input document; ``None`` where there is none."""
        try:
            return check_verdict(self.ask(ENTRYPOINT, document, data), evaluator=EVALUATOR)
        except CouldNotDecide:
            return None

    def ask(self, entrypoint: str, document: Mapping[str, Any], data: Mapping[str, Any]) -> Any:
        """What an entrypoint answers, ``None`` where that is undefined. Raises :class:`CouldNotDecide`."""
        held: Held = self._local.__dict__.setdefault("held", {})
        kept, instance = held.pop(id(data), (data, None))  # the data is kept too, so that nothing else gets its id
        answer = (instance := instance or self._instance(data)).evaluate(orjson.dumps(document), entrypoint)
        held[id(data)] = (kept, instance)  # one that failed holds half of an evaluation, and isn't kept
        if len(held) > _KEPT:
            held.pop(next(iter(held)))
        results = orjson.loads(answer)
        return results[0]["result"] if results else None

    def _instance(self, data: Mapping[str, Any]) -> Instance:
        encoded = canonical.encode({"gate": {"data": data}})
        return Instance(self._engine, self._module, data=encoded, entrypoint=ENTRYPOINT, limits=Limits())
