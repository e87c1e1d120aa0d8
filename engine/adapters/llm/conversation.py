"""A conversation with a model behind a compatible endpoint, bounded in seconds, bytes and tokens.

The reply is read by hand and not trusted to end: a server that drips or floods is cut off. Everything that isn't a
whole answer in the shape that was asked for is one :class:`ModelUnusable` that says which way it failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import httpx2
from openai import DefaultHttpxClient, OpenAI, OpenAIError
from openai.types.shared_params import ResponseFormatJSONSchema
from pydantic import BaseModel, ValidationError

from engine.core import canonical
from engine.core.errors import BadInput, ModelUnusable

MOST_BYTES = 262_144
ANSWER_TOKENS = 2_000

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers, and what one analysis may take: ``seconds`` and ``tokens``, in and out together."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: int = 30
    tokens: int = 40_000


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    finish_reason: str | None
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Reply(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class Conversation:
    """One analysis' questions. What was sent, received and spent is kept, also when an answer is of no use."""

    def __init__(self, endpoint: Endpoint, clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoint, self._clock = endpoint, clock
        self._until = clock() + endpoint.seconds
        self.prompts: list[str] = []
        self.responses: list[str] = []
        self.tokens_in = 0
        self.tokens_out = 0

    def ask(self, rules: str, prompt: str, shape: type[Shape]) -> Shape:
        """The model's answer in this shape. Raises :class:`ModelUnusable`."""
        left = self._endpoint.tokens - self.tokens_in - self.tokens_out - len(prompt) // 4
        if left < 1:
            raise ModelUnusable("the model's tokens for one analysis are used up", where=self._endpoint.model)
        self.prompts.append(canonical.digest([rules, prompt]))
        raw = self._send(rules, prompt, shape, min(left, ANSWER_TOKENS))
        self.responses.append(canonical.digest_bytes(raw))
        return self._read(raw, shape)

    def _send(self, rules: str, prompt: str, shape: type[BaseModel], tokens: int) -> bytes:
        wanted: ResponseFormatJSONSchema = {
            "type": "json_schema",
            "json_schema": {"name": shape.__name__.lower(), "strict": True, "schema": shape.model_json_schema()},
        }
        left = max(0.1, self._until - self._clock())
        try:
            with (
                DefaultHttpxClient(follow_redirects=False) as http,
                OpenAI(
                    base_url=self._endpoint.url, api_key=self._endpoint.key or "none", max_retries=0, http_client=http
                ).chat.completions.with_streaming_response.create(
                    model=self._endpoint.model,
                    messages=[{"role": "system", "content": rules}, {"role": "user", "content": prompt}],
                    response_format=wanted,
                    max_completion_tokens=tokens,
                    timeout=left,
                ) as reply,
            ):
                return self._received(reply.iter_bytes())
        except (OpenAIError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ModelUnusable(_failure(error), where=self._endpoint.model) from None

    def _received(self, chunks: Iterator[bytes]) -> bytes:
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > MOST_BYTES:
                raise ModelUnusable("the model's answer is too long", where=self._endpoint.model)
            if self._clock() > self._until:
                raise ModelUnusable("the model took too long", where=self._endpoint.model)
        return bytes(body)

    def _read(self, raw: bytes, shape: type[Shape]) -> Shape:
        where = self._endpoint.model
        try:
            reply = _Reply.model_validate(canonical.parse(raw, where=where))
            if reply.usage:
                self.tokens_in += max(0, reply.usage.prompt_tokens)
                self.tokens_out += max(0, reply.usage.completion_tokens)
            choice = reply.choices[0]
            if choice.message.refusal:
                raise ModelUnusable("the model refused", where=where)
            if choice.finish_reason != "stop":
                raise ModelUnusable("the model's answer isn't whole", where=where)
            answer = (choice.message.content or "").encode("utf-8", "replace")
            return shape.model_validate(canonical.parse(answer, where=where))
        except (ValidationError, BadInput, IndexError):
            raise ModelUnusable("the model's answer isn't in the shape asked for", where=where) from None


def _failure(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return f"the model's server answered {status}"
    slow = "timeout" in type(error).__name__.lower()
    return "the model took too long" if slow else "the model's server can't be reached"
