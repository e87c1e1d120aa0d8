"""``kubectl patch``: a small object whose fields become actions, and nothing that replaces whole lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core import canonical
from engine.core.command.fields import actions_of, flatten
from engine.core.command.kubectl_options import options, rehearses
from engine.core.command.meaning import READS, Acts, Meaning, Place
from engine.core.command.options import Given
from engine.core.command.refusal import CommandRefused
from engine.core.command.resources import named
from engine.core.errors import BadInput

_LIMIT = 16_384


def patch(words: Sequence[str], place: Place) -> Meaning:
    """The actions that a patch asks for. Raises :class:`CommandRefused`."""
    spec = "dry-run? o|output= field-manager= show-managed-fields p|patch= type= "
    given = options(words, spec, place)
    targets = named(given.words, place.cluster, given.one("namespace"))
    if len(targets) != 1:
        raise CommandRefused("several_objects", "patches more than one object", where="kubectl patch")
    changes = dict(flatten(_document(given)))
    actions = Acts(actions_of(targets[0], changes))
    return READS if rehearses(given) else actions


def _document(given: Given) -> dict[str, Any]:
    kind, text = given.one("type", "strategic"), given.one("patch")
    if kind not in ("strategic", "merge"):
        raise CommandRefused("patch_not_understood", "is a patch by position", where="--type")
    try:
        document = canonical.parse(text.encode(), where="--patch", limit=_LIMIT)
    except BadInput as refusal:
        raise CommandRefused("patch_not_understood", refusal.message, where="--patch") from None
    if not isinstance(document, dict) or not document:
        raise CommandRefused("patch_not_understood", "isn't an object with fields", where="--patch")
    _plain(document, merge=kind == "merge")
    return document


def _plain(value: Any, *, merge: bool) -> None:
    """Raises :class:`CommandRefused` for a list that would be replaced whole, and for directives of a patch."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key.startswith("$"):
                raise CommandRefused("patch_not_understood", "is a directive", where=key)
            _plain(child, merge=merge)
    elif isinstance(value, list):
        if merge and any(isinstance(item, dict) for item in value):
            raise CommandRefused("patch_not_understood", "a merge patch replaces the whole list", where="--patch")
        for item in value:
            _plain(item, merge=merge)
