"""The only reader of the environment.

Every setting is one ``PENSTOCK_…`` variable. A misspelt one is an error, because a gate that quietly ignores
``PENSTOCK_POLICYY`` is a gate with another policy than its operator thinks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from engine.core.errors import BadInput

PREFIX = "PENSTOCK_"

Evaluator = Literal["embedded", "server", "referee"]


def _user_folder(environment: Mapping[str, str], variable: str, fallback: str) -> Path:
    base = environment.get(variable)
    return (Path(base) if base else Path.home() / fallback) / "penstock"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may set, with its defaults. Each field is described in ``docs/settings.md``."""

    state: Path
    cache: Path
    policies: Path | None = None
    runbooks: Path | None = None
    data: Path | None = None
    repo: Path | None = None
    branch: str = "main"
    snapshot: Path | None = None
    cluster: str = "prod-eu"
    evaluator: Evaluator = "embedded"
    opa_url: str = "http://127.0.0.1:8181"
    ledger: str = ""
    identity: str = ""
    tokens: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8787
    opa: str = ""
    kustomize: str = ""
    helm: str = ""

    @property
    def ledger_url(self) -> str:
        """Where state and record live; SQLite in the state folder unless set."""
        return self.ledger or f"sqlite:///{self.state / 'penstock.db'}"

    @property
    def tokens_file(self) -> Path:
        """The identities of the HTTP surface."""
        return self.tokens or self.state / "tokens.json"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises :class:`BadInput` naming a variable that is unknown or doesn't fit."""
    env = dict(os.environ if environment is None else environment)
    given = {key[len(PREFIX) :].lower(): value for key, value in env.items() if key.startswith(PREFIX) and value}
    known = {field.name for field in fields(Settings)}
    for name in sorted(set(given) - known):
        raise BadInput(
            "is not a setting", where=PREFIX + name.upper(), remedy="docs/settings.md lists them; check the spelling"
        )
    values: dict[str, object] = {name: _typed(name, value) for name, value in given.items()}
    values.setdefault("state", _user_folder(env, "XDG_STATE_HOME", ".local/state"))
    values.setdefault("cache", _user_folder(env, "XDG_CACHE_HOME", ".cache"))
    return Settings(**values)  # type: ignore[arg-type]


def _typed(name: str, value: str) -> object:
    if name == "port":
        if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 65536:
            raise BadInput(f"{value!r} is not a port", where="PENSTOCK_PORT", remedy="Give a number below 65536")
        return int(value)
    if name == "evaluator" and value not in ("embedded", "server", "referee"):
        raise BadInput(
            f"{value!r} is not an evaluator", where="PENSTOCK_EVALUATOR", remedy="Use embedded, server or referee"
        )
    folders = ("state", "cache", "policies", "runbooks", "data", "repo", "snapshot", "tokens")
    return Path(value) if name in folders else value


def tool_environment() -> dict[str, str]:
    """The environment as a tool's search and build need it: PATH, proxies, caches and ``PENSTOCK_<TOOL>``."""
    return dict(os.environ)
