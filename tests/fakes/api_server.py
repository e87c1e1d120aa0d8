"""An API server on loopback that answers what a test wrote down, in order, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.loopback import listening


@dataclass(frozen=True)
class Answer:
    """One answer: a document, or the events of a watch; ``cut`` breaks the connection off after the last of them."""

    status: int = 200
    document: Any = None
    events: Sequence[Any] = ()
    cut: bool = False


@dataclass
class ApiServer:
    """Answers in order; the last one again and again."""

    answers: list[Answer]
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    url: str = ""

    def next(self, query: dict[str, str]) -> Answer:
        """The next answer, once the question is kept."""
        self.asked.append(query)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def answering(*answers: Answer) -> Iterator[ApiServer]:
    """The server until the end of the block."""
    server = ApiServer(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            server.paths.append(f"{self.command} {urlsplit(self.path).path}")
            if length:
                server.bodies.append(json.loads(self.rfile.read(length)))
            answer = server.next(dict(parse_qsl(urlsplit(self.path).query)))
            lines = [json.dumps(event).encode() + b"\n" for event in answer.events]
            body = json.dumps(answer.document).encode() if answer.document is not None else b"".join(lines)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body) + (1000 if answer.cut else 0)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = answer.cut

        do_POST = do_PATCH = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with listening(Handler) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server
