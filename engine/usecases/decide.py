"""Decide: one input document, one verdict, bound to what it was about.

The verdict comes from policy alone. This step adds nothing to it but identity: which input, which action, which
policy, until when. What others said of a thing that a rule refused is put beside it, for people to read.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.core import canonical
from engine.core.decision import Decision, Quote
from engine.core.input_document import InputDocument
from engine.core.moment import shift
from engine.ports import PolicyEngine


def decide(engine: PolicyEngine, document: InputDocument, *, nonce: str, quotes: Iterable[Quote] = ()) -> Decision:
    """The decision on an input document; ``nonce`` (the record's tip) tells two decisions on equal inputs apart.

    Raises :class:`~engine.core.errors.CouldNotDecide` when policy gives no answer that can be trusted.
    """
    encoded = canonical.encode(document.model_dump(mode="json"))
    verdict = engine.decide(encoded)
    identity = engine.identity()
    input_digest = canonical.digest_bytes(encoded)
    bound = verdict.model_dump(exclude={"ttl_seconds"})
    refused = {violation.rule for violation in verdict.violations}
    return Decision.model_validate(
        {
            **bound,
            "decision_id": "dec-" + canonical.digest([input_digest, identity.digest, nonce])[7:23],
            "expires_at": shift(document.time.instant, verdict.ttl_seconds),
            "policy": identity.model_dump(),
            "input_digest": input_digest,
            "action_digest": document.action.digest,
            "quotes": [quote.model_dump() for quote in quotes if quote.rule in refused],
        }
    )
