"""One instance of a compiled policy in a WebAssembly machine, spoken to through OPA's binary interface.

OPA compiles Rego to a module that imports a memory, an abort and a way to call host built-ins. Nothing of the host
is given to it but the memory: no clock, file or socket. It has a bound on memory and is interrupted when its time is
over; after either, or after any trap, an instance holds half of an evaluation and has to be thrown away.
"""

from __future__ import annotations

import ctypes
import json
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import wasmtime

from engine.core.errors import CouldNotDecide, EvaluatorTimeout, GarbledDecision, UnfitBundle

EVALUATOR = "embedded evaluator"
MOST_PAGES = 4096
TICK_SECONDS = 0.05
_ABI = (1, 2)
_FIRST_PAGES = 16
_PAGE = 65536
_BUILTINS = tuple(f"opa_builtin{count}" for count in range(5))


class Aborted(Exception):
    """The module called abort; the text is its message."""


def make_engine() -> wasmtime.Engine:
    """The machine's settings; compiled modules are only good for the same ones."""
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.wasm_threads = False
    return wasmtime.Engine(config)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation: seconds (rounded up to ticks) and 64 KiB pages of memory."""

    seconds: float = 1.0
    pages: int = MOST_PAGES

    @property
    def ticks(self) -> int:
        """Ticks until an evaluation is interrupted."""
        return max(2, round(self.seconds / TICK_SECONDS) + 1)


class Instance:
    """One instance with its data loaded. Not for two threads at once.

    Raises :class:`UnfitBundle` when the module asks for host built-ins, speaks another interface or lacks the entry.
    """

    def __init__(
        self, engine: wasmtime.Engine, module: wasmtime.Module, *, data: bytes, entrypoint: str, limits: Limits
    ) -> None:
        self._store: Any = wasmtime.Store(engine)
        self._limits = limits
        self._aborted = ""
        self._store.set_epoch_deadline(limits.ticks)
        memory_type = wasmtime.MemoryType(wasmtime.Limits(_FIRST_PAGES, limits.pages))
        self._memory: Any = wasmtime.Memory(self._store, memory_type)
        try:
            made = wasmtime.Instance(self._store, module, self._imports(module))
            exports: Any = made.exports(self._store)
            self._calls = exports
            self._check_interface()
            self._entries = self._json(self._call("entrypoints"))
            self._entry = self._find(entrypoint)
            self._data = self._load(data)
            self._heap: int = self._call("opa_heap_ptr_get")
            self._eval = self._calls["opa_eval"]
        except (wasmtime.WasmtimeError, wasmtime.Trap, KeyError, Aborted) as error:
            raise UnfitBundle(f"can't be loaded ({self._aborted or error})", where=EVALUATOR) from None

    @property
    def pages(self) -> int:
        """Pages of memory it holds now; they never become fewer."""
        return int(self._memory.size(self._store))

    def evaluate(self, document: bytes, entrypoint: str = "") -> bytes:
        """The JSON result set for one input, by another entrypoint where one is given.

        The instance must be thrown away after an error.

        Raises :class:`GarbledDecision` for an abort or trap and :class:`EvaluatorTimeout` for an interruption.
        """
        self._store.set_epoch_deadline(self._limits.ticks)
        heap, entry = self._heap, self._find(entrypoint) if entrypoint else self._entry
        try:
            self._reserve(heap + len(document))
            ctypes.memmove(self._base() + heap, document, len(document))
            free = heap + len(document) + -len(document) % 8
            answer = self._eval(self._store, 0, entry, self._data, heap, len(document), free, 0)
        except (wasmtime.Trap, wasmtime.WasmtimeError, Aborted) as error:
            raise self._failure(error) from None
        return ctypes.string_at(self._base() + answer)

    def _failure(self, error: Exception) -> CouldNotDecide:
        if getattr(error, "trap_code", None) is wasmtime.TrapCode.INTERRUPT:
            return EvaluatorTimeout(f"no answer within {self._limits.seconds} s", where=EVALUATOR)
        first_line = (self._aborted or str(error)).strip().splitlines()[0]
        return GarbledDecision(f"evaluation stopped: {first_line}", where=EVALUATOR)

    def _base(self) -> int:
        return ctypes.addressof(self._memory.data_ptr(self._store).contents)

    def _reserve(self, size: int) -> None:
        missing = size - self._memory.data_len(self._store)
        if missing > 0:
            self._memory.grow(self._store, missing // _PAGE + 1)

    def _call(self, name: str, *arguments: int) -> int:
        return int(self._calls[name](self._store, *arguments) or 0)

    def _imports(self, module: wasmtime.Module) -> list[Any]:
        i32 = wasmtime.ValType.i32()
        given: dict[str, Any] = {"memory": self._memory}
        for name, count, action in (
            ("opa_abort", 1, _aborting(self)),
            ("opa_println", 1, lambda _: None),
            *((name, count + 2, _no_builtins) for count, name in enumerate(_BUILTINS)),
        ):
            results = [i32] if name in _BUILTINS else []
            given[name] = wasmtime.Func(self._store, wasmtime.FuncType([i32] * count, results), action)
        unknown = [wanted.name for wanted in module.imports if wanted.module != "env" or wanted.name not in given]
        if unknown:
            raise UnfitBundle(f"asks the host for {unknown[0]}", where=EVALUATOR)
        return [given[str(wanted.name)] for wanted in module.imports]

    def _note_abort(self, address: int) -> None:
        self._aborted = ctypes.string_at(self._base() + address).decode(errors="replace")[:300]

    def _check_interface(self) -> None:
        found = tuple(
            int(self._calls[name].value(self._store)) for name in ("opa_wasm_abi_version", "opa_wasm_abi_minor_version")
        )
        if found[0] != _ABI[0] or found < _ABI:
            raise UnfitBundle(f"speaks interface {found}, and {_ABI} or later is read", where=EVALUATOR)
        wanted = self._json(self._call("builtins"))
        if wanted:
            raise UnfitBundle(f"needs the host's {min(wanted)}, and there are no host built-ins", where=EVALUATOR)

    def _find(self, entrypoint: str) -> int:
        if entrypoint not in self._entries:
            raise UnfitBundle(f"has no entry {entrypoint}", where=EVALUATOR)
        return int(self._entries[entrypoint])

    def _json(self, value: int) -> Any:
        return json.loads(ctypes.string_at(self._base() + self._call("opa_json_dump", value)))

    def _load(self, data: bytes) -> int:
        address = self._call("opa_malloc", len(data))
        ctypes.memmove(self._base() + address, data, len(data))
        value = self._call("opa_json_parse", address, len(data))
        if value == 0:
            raise UnfitBundle("its data is not JSON", where=EVALUATOR)
        self._call("opa_free", address)
        return value


def _aborting(instance: Instance) -> Callable[[int], NoReturn]:
    """The module's abort. The machine keeps its host functions for ever, so this one must not keep the instance."""
    reference = weakref.ref(instance)

    def abort(address: int) -> NoReturn:
        aborted = reference()
        if aborted is not None:
            aborted._note_abort(address)
        raise Aborted

    return abort


def _no_builtins(*_: int) -> NoReturn:
    raise Aborted("a host built-in was called")
