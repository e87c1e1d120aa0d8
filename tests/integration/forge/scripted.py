"""A server that answers as it is told, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.loopback import listening

Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Scripted:
    """Where it is, how it answers a method and a path, and every request with its token."""

    url: str = ""
    answer: Callable[[str, str], Answer] = lambda _method, _path: (404, {}, {})
    asked: list[tuple[str, str, str]] = field(default_factory=list)


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Serve on this machine until the end of the block."""
    told = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path)
            told.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            code, body, headers = told.answer(self.command, path.path)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response_only(code)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with listening(Handler) as port:
        told.url = f"http://127.0.0.1:{port}/api/v1"
        yield told
