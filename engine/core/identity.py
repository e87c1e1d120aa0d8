"""Identities: who may speak to the gate, as what, and until when.

A token proves an identity and carries no rights of its own. No role approves or merges: people do that on the forge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.core.errors import NotPermitted, Unauthenticated
from engine.core.input_document import ProposerKind
from engine.core.proposal import RESERVED, Name, refuse_reserved

__all__ = ["Identity", "Role", "authenticate", "refuse_reserved", "token_digest"]

Role = Literal["reader", "proposer", "signaller", "operator"]


class Identity(BaseModel):
    """One named identity. ``token_digest`` is SHA-256 of a 256-bit random token, ``expires_at`` RFC 3339 or empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Name
    kind: ProposerKind
    roles: list[Role] = Field(min_length=1)
    token_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    created_at: str
    expires_at: str = ""

    @field_validator("id")
    @classmethod
    def _somebody_else_s(cls, value: str) -> str:
        if value.casefold().startswith(RESERVED):
            raise ValueError(f"{RESERVED} is the gate's own")
        return value

    def require(self, role: Role) -> None:
        """Raises :class:`NotPermitted` when the identity doesn't have a role."""
        if role not in self.roles:
            raise NotPermitted(f"{self.id} is no {role}", where="token", remedy="Ask an operator for another token")


def token_digest(token: str) -> str:
    """What is kept of a token. It is random and long, so a plain digest can't be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(token: str, identities: Iterable[Identity], *, now: str) -> Identity:
    """The identity a token proves at ``now``. Raises :class:`Unauthenticated`, with one sentence for every reason.

    Digests are looked up and not tokens, so how long it takes tells nothing about a token.
    """
    digest = token_digest(token)
    found = next((identity for identity in identities if identity.token_digest == digest), None)
    if found is None or (found.expires_at and now >= found.expires_at):
        raise Unauthenticated("no valid token was given", where="Authorization", remedy="Send Authorization: Bearer …")
    return found
