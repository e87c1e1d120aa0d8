"""What an evaluator answered, held against the shape of a verdict before anyone sees it.

OPA answers an undefined rule with success and nothing in it, and any rule with whatever it computes. Neither is a
decision, and no part of one may be guessed.
"""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import ValidationError

from engine.core.decision import Verdict
from engine.core.errors import BadInput, GarbledDecision

MOST_INPUT = 1_048_576


def check_document(document: bytes) -> Any:
    """The parsed input document. Raises :class:`BadInput` for what isn't one JSON object of an acceptable size."""
    if len(document) > MOST_INPUT:
        raise BadInput(f"{len(document)} bytes is over the limit of {MOST_INPUT}", where="input document")
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"not valid JSON: {error}", where="input document") from None
    if not isinstance(parsed, dict):
        raise BadInput("is not an object", where="input document")
    return parsed


def check_verdict(result: Any, *, evaluator: str) -> Verdict:
    """The verdict in a result. Raises :class:`GarbledDecision` naming the first field that doesn't fit."""
    try:
        return Verdict.model_validate(result, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the result"
        raise GarbledDecision(f"{field}: {first['msg']}", where=evaluator, remedy="Run penstock policy check") from None


def undefined(evaluator: str) -> GarbledDecision:
    """The error for an answer with no decision in it."""
    return GarbledDecision("the decision is undefined", where=evaluator, remedy="Run penstock policy check")
