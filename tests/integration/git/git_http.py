"""A repository behind HTTP, served by Git's own backend, with a password and ways of going wrong."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from tests.fakes.loopback import listening

USER, SECRET = "gate", "s3cret-t0ken"


@dataclass
class GitHttp:
    """The address of the repository, what was asked of the server, and the answer it gives instead of serving."""

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    answer: int = 0
    location: str = ""
    secret: str = SECRET


@contextmanager
def serving(bare: Path) -> Iterator[GitHttp]:
    """Serve one bare repository on this machine until the end of the block."""
    told = GitHttp()
    with listening(_handler(bare, told)) as port:
        told.url = f"http://127.0.0.1:{port}/{bare.name}"
        yield told


def _handler(bare: Path, told: GitHttp) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, self.headers.get("Authorization", "")))
            wanted = "Basic " + base64.b64encode(f"{USER}:{told.secret}".encode()).decode()
            if told.answer:
                self._refuse(told.answer)
            elif self.headers.get("Authorization") != wanted:
                self._refuse(401)
            else:
                self._serve()

        do_POST = do_GET

        def _refuse(self, code: int) -> None:
            self.send_response(code)
            if told.location:
                self.send_header("Location", told.location)
            if code == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _serve(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            done = subprocess.run(
                ["git", "-c", "http.receivepack=true", "http-backend"],
                input=body,
                capture_output=True,
                check=True,
                env={
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(bare.parent),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_CONFIG_GLOBAL": os.devnull,
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "REMOTE_USER": USER,
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": address.path,
                    "QUERY_STRING": address.query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                },
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: what was asked is kept instead."""

    return Handler
