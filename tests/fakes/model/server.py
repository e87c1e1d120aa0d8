"""Answers ``POST /v1/chat/completions`` from a script, one answer a request; the last one again and again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.fakes.loopback import listening


@dataclass
class Answer:
    """One scripted reply. ``raw`` replaces the whole body; ``waits`` never answers until the server closes."""

    content: Any = None
    finish: str = "stop"
    refusal: str | None = None
    status: int = 200
    raw: bytes | None = None
    waits: bool = False
    calls: tuple[tuple[str, Any], ...] = ()

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        content = self.content if isinstance(self.content, str | None) else json.dumps(self.content)
        message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": self.refusal}
        if self.calls:
            written = [(name, given if isinstance(given, str) else json.dumps(given)) for name, given in self.calls]
            message["tool_calls"] = [
                {"id": f"call-{n}", "type": "function", "function": {"name": name, "arguments": given}}
                for n, (name, given) in enumerate(written)
            ]
        return json.dumps(
            {
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted",
                "choices": [{"index": 0, "finish_reason": self.finish, "logprobs": None, "message": message}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
            }
        ).encode()  # fmt: skip


@dataclass
class ModelServer:
    """``asked`` holds the bodies and ``keys`` the authorisation of what came."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    script: list[Answer] = field(default_factory=list)

    def says(self, *answers: Answer) -> None:
        self.script = list(answers)

    def next(self) -> Answer:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """A server that listens until the end of the block."""
    server, closing = ModelServer(), Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            server.keys.append(self.headers.get("Authorization", ""))
            answer = server.next() if self.path == "/v1/chat/completions" else Answer(status=404, content="")
            if answer.waits:
                closing.wait()
                return
            body = answer.body()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with listening(Handler) as port:
        server.url = f"http://127.0.0.1:{port}/v1"
        try:
            yield server
        finally:
            closing.set()
