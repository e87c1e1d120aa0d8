"""What may become of an identity: made, renewed with another token, disabled, enabled. Each is a new list of all.

An agent has to say who answers for it and what it is there for, and ends one day: nobody remembers the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from engine.core.errors import BadInput, NotFound
from engine.core.identity import Identity
from engine.core.moment import shift

DAY_SECONDS = 86_400
LONGEST_DAYS = 400


def made(known: Sequence[Identity], fields: dict[str, Any], *, days: int, now: str) -> list[Identity]:
    """All identities with one more, which ends after ``days``; 0 is never. Raises :class:`BadInput`."""
    name = str(fields.get("id"))
    if any(one.id == name for one in known):
        raise BadInput("there is such an identity", where=name, remedy=f"penstock identities rotate {name}")
    agent = fields.get("kind") in ("agent", "analyst")
    for wanted in ("owner", "purpose"):
        if agent and not fields.get(wanted):
            raise BadInput(f"an agent has no {wanted}", where=name, remedy=f"Give --{wanted}")
    if agent and not 0 < days <= LONGEST_DAYS:
        remedy = f"Give --expires-in-days, 1 to {LONGEST_DAYS}"
        raise BadInput("an agent ends one day", where=name, remedy=remedy)
    ends = shift(now, DAY_SECONDS * days) if days else ""
    try:
        return [*known, Identity.model_validate({**fields, "created_at": now, "expires_at": ends})]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or name
        raise BadInput(first["msg"], where=where, remedy="See penstock identities add --help") from None


def rotated(
    known: Sequence[Identity], name: str, digest: str, *, days: int, keep_hours: int, now: str
) -> list[Identity]:
    """All identities, one of them with another token; the one before is taken for ``keep_hours`` more."""
    before = one_of(known, name)
    if not before.token_digest:
        raise BadInput("its ServiceAccount proves it, not a token", where=name, remedy="Nothing is to be rotated")
    fields = {
        "token_digest": digest,
        "expires_at": shift(now, DAY_SECONDS * days) if days else before.expires_at,
        "previous_digest": before.token_digest if keep_hours else "",
        "previous_until": shift(now, 3600 * keep_hours) if keep_hours else "",
    }
    return _changed(known, name, fields)


def disabled(known: Sequence[Identity], name: str, *, now: str) -> list[Identity]:
    """All identities, one of them good for nothing from now on."""
    return _changed(known, name, {"disabled_at": one_of(known, name).disabled_at or now})


def enabled(known: Sequence[Identity], name: str) -> list[Identity]:
    """All identities, one of them good again until it expires."""
    return _changed(known, name, {"disabled_at": ""})


def one_of(known: Sequence[Identity], name: str) -> Identity:
    """An identity by its name. Raises :class:`NotFound`."""
    found = next((one for one in known if one.id == name), None)
    if found is None:
        raise NotFound("no such identity", where=name, remedy="penstock identities list shows them")
    return found


def _changed(known: Sequence[Identity], name: str, fields: dict[str, Any]) -> list[Identity]:
    one_of(known, name)
    return [one.model_copy(update=fields) if one.id == name else one for one in known]
