"""The meanings that a simple command can have, and the one way of making a typed action of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.core.action.catalogue import check
from engine.core.command.refusal import CommandRefused
from engine.core.errors import BadInput
from engine.core.proposal import ActionRequest, TargetReference


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One program with its words, unquoted. ``piped``: it reads what another command writes."""

    words: tuple[str, ...]
    piped: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where commands would be run: the cluster that the gate looks at."""

    cluster: str


@dataclass(frozen=True, slots=True)
class Reads:
    """It can neither write nor execute anything."""


@dataclass(frozen=True, slots=True)
class Acts:
    """It asks for these actions."""

    actions: tuple[ActionRequest, ...]


@dataclass(frozen=True, slots=True)
class Applies:
    """It would make the cluster follow manifests; ``deletes``: it would remove what they name."""

    files: tuple[str, ...]
    namespace: str
    deletes: bool = False


@dataclass(frozen=True, slots=True)
class RollsBackRelease:
    """It would return a Helm release to a revision; ``0``: the one before."""

    release: str
    namespace: str
    revision: int


@dataclass(frozen=True, slots=True)
class AppliesPlan:
    """It would apply a Terraform folder with these variables."""

    folder: str
    variables: tuple[tuple[str, str], ...]


Meaning = Reads | Acts | Applies | RollsBackRelease | AppliesPlan
READS = Reads()


def target(cluster: str, namespace: str, kind: str, name: str) -> TargetReference:
    """The object that a command names. Raises :class:`CommandRefused` for what can't be a name."""
    try:
        return TargetReference(cluster=cluster, namespace=namespace, kind=kind, name=name)
    except ValidationError:
        raise CommandRefused("bad_name", "can't be a name", where=f"{namespace}/{kind}/{name}") from None


def action(kind: str, about: TargetReference, params: dict[str, Any] | None = None) -> ActionRequest:
    """An action of the catalogue. Raises :class:`CommandRefused` where the catalogue doesn't take it."""
    try:
        request = ActionRequest(kind=kind, target=about, params=params or {})
        return check(request).request
    except ValidationError:
        raise CommandRefused("does_not_fit", f"{kind} can't take this value", where=about.name) from None
    except BadInput as refusal:
        raise CommandRefused("does_not_fit", refusal.message, where=refusal.where) from None
