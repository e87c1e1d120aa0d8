"""Identities: who may speak to the gate, as what, about what, and until when.

A token proves an identity and carries no rights of its own. No role approves or merges: people do that on the forge.
What an identity may propose is narrowed here, at the door, and never widened: policy decides about the rest as before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from engine.core.errors import NotPermitted, Unauthenticated
from engine.core.input_document import ProposerKind
from engine.core.proposal import RESERVED, ActionRequest, Name, refuse_reserved

__all__ = ["ANY", "Identity", "Role", "authenticate", "holder", "recall", "refuse_reserved", "token_digest"]

Role = Literal["reader", "proposer", "signaller", "operator"]
Digest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
ANY = "*"

_REMEDY = "Ask an operator: penstock identities"


class Identity(BaseModel):
    """One named identity.

    ``token_digest`` is SHA-256 of a 256-bit random token, empty where a ServiceAccount (``namespace/name``) proves it.
    ``previous_digest`` is the token before, taken until ``previous_until``. Times are RFC 3339 or empty. ``namespaces``
    and ``kinds`` (of action) bound what it may read of and propose; ``*`` is any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Name
    kind: ProposerKind
    roles: list[Role] = Field(min_length=1)
    token_digest: Digest = ""
    created_at: str
    expires_at: str = ""
    owner: Line = ""
    purpose: Line = ""
    namespaces: list[Name | Literal["*"]] = Field(default=[ANY], min_length=1)
    kinds: list[Name | Literal["*"]] = Field(default=[ANY], min_length=1)
    service_account: Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+/[a-z0-9.-]+)?$")] = ""
    proposals_an_hour: int = Field(default=60, ge=0, le=1000)
    disabled_at: str = ""
    previous_digest: Digest = ""
    previous_until: str = ""

    @field_validator("id")
    @classmethod
    def _somebody_else_s(cls, value: str) -> str:
        if value.casefold().startswith(RESERVED):
            raise ValueError(f"{RESERVED} is the gate's own")
        return value

    @model_validator(mode="after")
    def _provable(self) -> Self:
        if not self.token_digest and not self.service_account:
            raise ValueError("has neither a token nor a ServiceAccount")
        return self

    def may(self, role: Role) -> bool:
        """Whether it has a role; that of an operator helps only a person."""
        return role in self.roles and (role != "operator" or self.kind == "person")

    def require(self, role: Role) -> None:
        """Raises :class:`NotPermitted` when the identity may not do what a role may."""
        if self.may(role):
            return
        if role == "operator" and self.kind != "person":
            raise NotPermitted(f"{self.id} is no person, and only a person operates the gate", where="token")
        raise NotPermitted(f"{self.id} is no {role}", where="token", remedy="Ask an operator for another token")

    def require_namespace(self, namespace: str) -> None:
        """Raises :class:`NotPermitted` for a namespace, empty for none, that is none of its business."""
        if not self.sees(namespace):
            what = f"in {namespace}" if namespace else "outside namespaces"
            raise NotPermitted(f"{self.id} has no business {what}", where="namespace", remedy=_REMEDY)

    def require_action(self, action: ActionRequest) -> None:
        """Raises :class:`NotPermitted` for an action that this identity isn't there for, whatever policy would say."""
        self.require_namespace(action.target.namespace)
        if ANY not in self.kinds and action.kind not in self.kinds:
            raise NotPermitted(f"{self.id} isn't there for {action.kind}", where="action.kind", remedy=_REMEDY)

    def sees(self, namespace: str) -> bool:
        """Whether what belongs to a namespace may be shown to it."""
        return ANY in self.namespaces or namespace in self.namespaces

    def usable(self, now: str) -> Self:
        """The identity itself. Raises :class:`Unauthenticated`, saying which, once it is disabled or has expired."""
        if self.disabled_at:
            remedy = f"An operator may enable it: penstock identities enable {self.id}"
            raise Unauthenticated(f"{self.id} was disabled at {self.disabled_at}", where="Authorization", remedy=remedy)
        if self.expires_at and now >= self.expires_at:
            remedy = f"An operator may renew it: penstock identities rotate {self.id}"
            raise Unauthenticated(f"{self.id} expired at {self.expires_at}", where="Authorization", remedy=remedy)
        return self

    def _proven_by(self, digest: str, now: str) -> bool:
        before = self.previous_digest == digest and now < self.previous_until
        return self.token_digest == digest or before


Review = Callable[[str], str]


def token_digest(token: str) -> str:
    """What is kept of a token. It is random and long, so a plain digest can't be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(token: str, identities: Iterable[Identity], *, now: str, review: Review | None = None) -> Identity:
    """The identity a token proves at ``now``. Raises :class:`Unauthenticated`.

    Digests are looked up and not tokens, so how long it takes tells nothing about a token. Only who holds a token of an
    identity is told that it expired. ``review`` says which ServiceAccount (``namespace/name``) a token is, or nothing.
    """
    found = holder(token, identities, now=now, review=review)
    if found is None:
        raise Unauthenticated("no valid token was given", where="Authorization", remedy="Send Authorization: Bearer …")
    return found.usable(now)


def recall(digest: str, identities: Iterable[Identity], *, now: str) -> Identity:
    """The identity that the token with this digest proves at ``now``. Raises :class:`Unauthenticated`.

    Who keeps a digest instead of a token learns so, each time, that the token was renewed or its holder disabled.
    """
    found = next((one for one in identities if one._proven_by(digest, now)), None)
    if found is None:
        raise Unauthenticated("no valid token was given", where="token", remedy="Sign in with a token you were given")
    return found.usable(now)


def holder(token: str, identities: Iterable[Identity], *, now: str, review: Review | None = None) -> Identity | None:
    """Whose token it is, whether or not the identity is still good for anything."""
    known, digest = list(identities), token_digest(token)
    found = next((one for one in known if one._proven_by(digest, now)), None)
    if found is not None or review is None or token.count(".") != 2:
        return found
    account = review(token)
    return next((one for one in known if account and one.service_account == account), None)
