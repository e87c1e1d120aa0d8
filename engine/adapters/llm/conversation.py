"""A conversation with a model behind a compatible endpoint, bounded in seconds, bytes and tokens.

The reply is read by hand and not trusted to end: a server that drips or floods is cut off. Everything that isn't a
whole answer in the shape that was asked for is one :class:`ModelUnusable` that says which way it failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
from openai import DefaultHttpxClient, OpenAI, OpenAIError
from pydantic import BaseModel, ValidationError

from engine.core import canonical
from engine.core.errors import BadInput, ModelUnusable

MOST_BYTES = 262_144
ANSWER_TOKENS = 2_000
MISSHAPEN = "the model's answer isn't in the shape asked for"

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers, and what one analysis may take.

    ``seconds``, ``tokens`` in and out together, and ``steps``, the queries that it may have run.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: int = 30
    tokens: int = 40_000
    steps: int = 6


@dataclass(frozen=True, slots=True)
class Tool:
    """A query that the model may have run: its name, what it is for, and the only values its parameters may have."""

    name: str
    title: str
    values: Mapping[str, str]
    run: Callable[[], str]

    def document(self) -> dict[str, Any]:
        """The tool as the wire has it; each parameter is typed to the one value that the incident settles."""
        fields = {name: {"type": "string", "enum": [value]} for name, value in self.values.items()}
        shape = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
        body = {"name": self.name, "description": self.title, "parameters": shape, "strict": True}
        return {"type": "function", "function": body}


class _Function(BaseModel):
    name: str
    arguments: str


class _Call(BaseModel):
    id: str
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


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
        self.steps: list[str] = []

    def ask(self, rules: str, prompt: str, shape: type[Shape], tools: Mapping[str, Tool] | None = None) -> Shape:
        """The model's answer in this shape, once it has had the queries run that it wants.

        Raises :class:`ModelUnusable`, also for a query that isn't among ``tools`` or over the bound of steps.
        """
        said: list[Any] = [{"role": "system", "content": rules}, {"role": "user", "content": prompt}]
        while True:
            raw = self._asked(said, shape, tools or {})
            choice = self._choice(raw)
            calls = choice.message.tool_calls or []
            if choice.finish_reason != "tool_calls" or not calls or not tools:
                return self._read(choice, shape)
            said.append({"role": "assistant", "tool_calls": [{"type": "function", **c.model_dump()} for c in calls]})
            said += [{"role": "tool", "tool_call_id": call.id, "content": self._run(call, tools)} for call in calls]

    def _asked(self, said: list[Any], shape: type[BaseModel], tools: Mapping[str, Tool]) -> bytes:
        size = sum(len(str(message)) for message in said)
        left = self._endpoint.tokens - self.tokens_in - self.tokens_out - size // 4
        if left < 1:
            raise ModelUnusable("the model's tokens for one analysis are used up", where=self._endpoint.model)
        self.prompts.append(canonical.digest(said))
        raw = self._send(said, shape, tools, min(left, ANSWER_TOKENS))
        self.responses.append(canonical.digest_bytes(raw))
        return raw

    def _run(self, call: _Call, tools: Mapping[str, Tool]) -> str:
        where, name = self._endpoint.model, call.function.name
        if len(self.steps) >= self._endpoint.steps:
            raise ModelUnusable(f"the model wants more than {self._endpoint.steps} queries", where=where)
        tool = tools.get(name)
        if tool is None:
            raise ModelUnusable("the model wants a query that the runbook doesn't have", where=where)
        try:
            given = canonical.parse(call.function.arguments.encode("utf-8", "replace") or b"{}", where=where)
        except BadInput:
            given = None
        if given != dict(tool.values):
            raise ModelUnusable(f"the model wants {name} with other values than the incident's", where=where)
        self.steps.append(name)
        return tool.run()

    def _send(self, said: list[Any], shape: type[BaseModel], tools: Mapping[str, Tool], tokens: int) -> bytes:
        form = {"name": shape.__name__.lower(), "strict": True, "schema": shape.model_json_schema()}
        asked: dict[str, Any] = {"response_format": {"type": "json_schema", "json_schema": form}}
        if tools:
            asked["tools"] = [tool.document() for tool in tools.values()]
        left = max(0.1, self._until - self._clock())
        try:
            with (
                DefaultHttpxClient(follow_redirects=False) as http,
                OpenAI(
                    base_url=self._endpoint.url, api_key=self._endpoint.key or "none", max_retries=0, http_client=http
                ).chat.completions.with_streaming_response.create(
                    model=self._endpoint.model,
                    messages=said,
                    max_completion_tokens=tokens,
                    timeout=left,
                    **asked,
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

    def _choice(self, raw: bytes) -> _Choice:
        where = self._endpoint.model
        try:
            reply = _Reply.model_validate(canonical.parse(raw, where=where))
            if reply.usage:
                self.tokens_in += max(0, reply.usage.prompt_tokens)
                self.tokens_out += max(0, reply.usage.completion_tokens)
            return reply.choices[0]
        except (ValidationError, BadInput, IndexError):
            raise ModelUnusable(MISSHAPEN, where=where) from None

    def _read(self, choice: _Choice, shape: type[Shape]) -> Shape:
        where = self._endpoint.model
        if choice.message.refusal:
            raise ModelUnusable("the model refused", where=where)
        if choice.finish_reason != "stop":
            raise ModelUnusable("the model's answer isn't whole", where=where)
        try:
            answer = (choice.message.content or "").encode("utf-8", "replace")
            return shape.model_validate(canonical.parse(answer, where=where))
        except (ValidationError, BadInput):
            raise ModelUnusable(MISSHAPEN, where=where) from None


def _failure(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return f"the model's server answered {status}"
    slow = "timeout" in type(error).__name__.lower()
    return "the model took too long" if slow else "the model's server can't be reached"
