"""A proposal as it is written in a file, sent over HTTP or made by a tool: strict about shape, trusting in nothing.

Everything here is a claim. The proposer's identity is replaced by the authenticated one, the free text is
shown and never compared, and the evidence and incident are looked up. A secret in the reason is taken out
on reading; in an action's parameters it stays, because the digest is over what was asked, and
:meth:`Proposal.as_document` hides it.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine.core import canonical
from engine.core.errors import BadInput
from engine.core.input_document import Param, ProposerKind
from engine.core.redaction import redact, redact_text

Name = Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]*$")]
OptionalName = Annotated[str, StringConstraints(max_length=253, pattern=r"^([A-Za-z0-9][A-Za-z0-9._:-]*)?$")]
Prose = Annotated[str, StringConstraints(max_length=4000)]


RESERVED = "penstock:"


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ClaimedProposer(_Claim):
    """Who says they propose this."""

    id: Name
    kind: ProposerKind


class TargetReference(_Claim):
    """The object the action is about; ``namespace`` is empty for what has none."""

    cluster: Name
    namespace: OptionalName = ""
    kind: Name
    name: Name


class ActionRequest(_Claim):
    """A kind of the catalogue, a target and parameters; ``engine.core.action`` says whether they fit."""

    kind: Name
    target: TargetReference
    params: dict[Name, Param] = Field(default_factory=dict, max_length=32)

    @property
    def digest(self) -> str:
        """The digest that receipt, approvals, change and admission all carry."""
        return canonical.digest(self.model_dump(mode="json"))


class IncidentReference(_Claim):
    """The incident as the proposer names it, in the key's own fields; it is looked up, never believed."""

    namespace: OptionalName = ""
    kind: Name
    name: Name
    reason: Name


class Proposal(_Claim):
    """An action with its proposer, reason, evidence and incident."""

    proposer: ClaimedProposer
    action: ActionRequest
    incident: IncidentReference | None = None
    reason: Prose = ""
    evidence: Annotated[list[Name], Field(max_length=100)] = []
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    stated_risk: Annotated[str, StringConstraints(max_length=40)] | None = None
    idempotency_key: OptionalName = ""

    def as_document(self) -> dict[str, Any]:
        """Plain JSON values to be kept, without secrets; the digest of the action is kept beside."""
        document: dict[str, Any] = self.model_dump(mode="json")
        document["action"]["params"] = redact(document["action"]["params"])
        return document


ProposalStatus = Literal[
    "refused",
    "recorded",
    "opening",
    "awaiting_approval",
    "merging",
    "verifying",
    "not_synced",
    "succeeded",
    "failed",
    "rejected",
    "expired",
    "closed",
]


def read_proposal(text: bytes, *, where: str) -> "Proposal":
    """A proposal from JSON bytes; raises :class:`BadInput` naming the first field that doesn't fit."""
    return check_proposal(canonical.parse(text, where=where), where=where)


def check_proposal(value: object, *, where: str) -> "Proposal":
    """A proposal from outside, parsed; raises :class:`BadInput` naming the first field that doesn't fit."""
    return _without_secrets(recall_proposal(value, where=where), where)


def recall_proposal(value: object, *, where: str) -> "Proposal":
    """A proposal that the gate itself kept, its own ones included; raises :class:`BadInput` as above."""
    try:
        return Proposal.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        raise BadInput(
            f"{field}: {first['msg']}",
            where=where,
            remedy="See docs/proposals.md for the shape",
        ) from None


def refuse_reserved(identity: str, *, where: str) -> None:
    """Raises :class:`BadInput` for an identity with the gate's own prefix, which nobody outside may claim."""
    if identity.casefold().startswith(RESERVED):
        raise BadInput(f"{RESERVED} is the gate's own", where=where, remedy="Use the name you are known by")


def _without_secrets(proposal: Proposal, where: str) -> "Proposal":
    """The proposal with its prose redacted. A name can't be, so one that looks like a credential is refused."""
    refuse_reserved(proposal.proposer.id, where=where)
    for field, name in _names(proposal):
        if redact_text(name) != name:
            raise BadInput(f"{field}: looks like a credential", where=where, remedy="Name things by their names")
    prose = {"reason": redact_text(proposal.reason)}
    if proposal.stated_risk is not None:
        prose["stated_risk"] = redact_text(proposal.stated_risk)
    changed = {field: text for field, text in prose.items() if text != getattr(proposal, field)}
    return proposal.model_copy(update=changed) if changed else proposal


def _names(proposal: Proposal) -> Iterator[tuple[str, str]]:
    parts = (("action.target", proposal.action.target), ("incident", proposal.incident))
    for part, section in parts:
        for field, value in section or ():
            yield f"{part}.{field}", value
    yield from (("proposer.id", proposal.proposer.id), ("action.kind", proposal.action.kind))
    yield "idempotency_key", proposal.idempotency_key
    yield from (("evidence", piece) for piece in proposal.evidence)
