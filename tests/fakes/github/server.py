"""The server: who asks, what they may and how much; questions and answers are held to what GitHub describes."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from engine.core.moment import format_instant, parse_instant
from tests.fakes.github.answers import roots
from tests.fakes.github.description import PATHS, Answered, Asked, description, parameters
from tests.fakes.github.graphql import Refused, schema
from tests.fakes.github.rest import ROUTES, Problem
from tests.fakes.github.world import APP, NAME, ORG, Account, World
from tests.fakes.loopback import listening

ALLOWANCE = 5000


@dataclass
class Call:
    """A request that came, and the status it got."""

    method: str
    path: str
    status: int
    points: int = 0


@dataclass
class Trouble:
    """What GitHub refuses to do for now."""

    gone: bool = False
    denied: set[str] = field(default_factory=set)
    remaining: int = ALLOWANCE
    resets_in: int = 1800
    wait_seconds: int = 0
    broken: int = 0
    garbled: int = 0


class GitHubServer:
    """GitHub at an address on this machine, over a :class:`World`."""

    def __init__(self, world: World, *, sparing: bool = False) -> None:
        self.world = world
        self.trouble = Trouble()
        self.calls: list[Call] = []
        self.faults: list[str] = []
        self.tokens: dict[str, tuple[Account, int | None]] = {}
        self.app_key = ""
        self.address = ""
        self._sparing = sparing
        self._checked: set[tuple[str, str, int]] = set()
        self._etags: dict[str, str] = {}
        self._lock = threading.RLock()
        self._templates = [(re.compile(_pattern(template)), template) for template in sorted(PATHS, key=_specific)]

    def token_of(self, account: Account) -> str:
        """A token that proves an account."""
        token = f"ghp_{hashlib.sha256(account.login.encode()).hexdigest()[:36]}"
        self.tokens[token] = (account, None)
        return token

    def installation_token(self) -> tuple[str, str]:
        """A token of the App's, which ends after an hour of real time: the library goes by that."""
        ends = format_instant(datetime.now(UTC) + timedelta(hours=1))
        token = f"ghs_{self.world.number():036d}"
        self.tokens[token] = (self.world.bot, APP)
        return token, ends

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        """One request's answer: status, body and headers."""
        with self._lock:
            split = urlsplit(target)
            status, document, extra = self._answer(method, split.path, dict(parse_qsl(split.query)), headers, body)
            data = b"" if status == 204 else json.dumps(document).encode()
            etag = f'W/"{hashlib.sha256(data).hexdigest()}"'
            if method == "GET" and status == 200:
                extra = {**extra, "ETag": etag}
                if headers.get("If-None-Match") == etag:
                    status, data = 304, b""
            points = int(extra.pop("points", "1"))
            if status != 304 and self.trouble.remaining > 0:
                self.trouble.remaining -= points
            self.calls.append(Call(method, split.path, status, 0 if status == 304 else points))
            return status, data, {**self._allowance(), **extra}

    def _allowance(self) -> dict[str, str]:
        reset = int(parse_instant(self.world.now).timestamp()) + self.trouble.resets_in
        return {"X-RateLimit-Remaining": str(max(0, self.trouble.remaining)), "X-RateLimit-Reset": str(reset)}

    def _answer(
        self, method: str, path: str, query: dict[str, str], headers: Any, body: bytes
    ) -> tuple[int, Any, dict[str, str]]:
        if (passing := self._in_trouble()) is not None:
            return passing
        who = self._who(headers.get("Authorization") or "", path)
        if who is None:
            return 401, {"message": "Bad credentials"}, {}
        if path == "/graphql":
            return self._graphql(json.loads(body), who)
        if self.trouble.gone and path.startswith("/repos/"):
            return 404, {"message": "Not Found"}, {}
        return self._rest(method, path, query, body, who)

    def _in_trouble(self) -> tuple[int, Any, dict[str, str]] | None:
        if self.trouble.broken > 0:
            self.trouble.broken -= 1
            return 502, {"message": "Server Error"}, {}
        if self.trouble.garbled > 0:
            self.trouble.garbled -= 1
            return 200, ["nonsense"], {}
        if self.trouble.wait_seconds:
            message = "You have exceeded a secondary rate limit."
            return 403, {"message": message}, {"Retry-After": str(self.trouble.wait_seconds)}
        return (403, {"message": "API rate limit exceeded"}, {}) if self.trouble.remaining <= 0 else None

    def _who(self, given: str, path: str) -> tuple[Account, int | None] | None:
        if given.startswith("Bearer "):
            return self._app(given.removeprefix("Bearer "))
        found = self.tokens.get(given.removeprefix("token "))
        if found is None or path.endswith("/installation"):
            return None
        return found

    def _app(self, token: str) -> tuple[Account, int | None] | None:
        try:
            claims = jwt.decode(token, self.app_key, algorithms=["RS256"], options={"verify_iat": False})
        except jwt.PyJWTError:
            return None
        return (self.world.bot, APP) if str(claims.get("iss")) == str(APP) else None

    def _rest(
        self, method: str, path: str, query: dict[str, str], body: bytes, who: tuple[Account, int | None]
    ) -> tuple[int, Any, dict[str, str]]:
        found = next(((t, m) for pattern, t in self._templates if (m := pattern.fullmatch(path))), None)
        if found is None or (method, found[0]) not in ROUTES:
            self.faults.append(f"{method} {path} isn't served")
            return 404, {"message": "Not Found"}, {}
        template, match = found
        if f"{method} {template}" in self.trouble.denied:
            return 403, {"message": "Resource not accessible by integration"}, {}
        if template.startswith("/repos/") and path.split("/")[2:4] != [ORG, NAME]:
            return 404, {"message": "Not Found"}, {}
        described = template.format(**{name: part.replace("/", "%2F") for name, part in match.groupdict().items()})
        asked = Asked(method.lower(), described, parameters(query), body or None)
        self._hold(partial(description().check, asked), f"{method} {path}", (method, template, 0))
        given = json.loads(body) if body else {}
        try:
            status, values = ROUTES[method, template](self, who, match.groupdict(), {**query, **given})
        except Problem as problem:
            return problem.status, {"message": problem.message}, {}
        document = description().answer(method, template, status, values)
        if status != 204:
            answered = Answered(status, json.dumps(document).encode())
            self._hold(partial(description().check, asked, answered), f"answer to {path}", (method, template, status))
        return status, document, {}

    def _hold(self, check: Callable[[], None], what: str, key: tuple[str, str, int]) -> None:
        if self._sparing and key in self._checked:
            return
        self._checked.add(key)
        try:
            check()
        except Exception as fault:
            reasons = [str(fault), str(fault.__cause__), *map(str, getattr(fault.__cause__, "schema_errors", ()))]
            self.faults.append(f"{what}: {'; '.join(reasons)[:600]}")

    def _graphql(self, asked: Any, who: tuple[Account, int | None]) -> tuple[int, Any, dict[str, str]]:
        for name in self.trouble.denied:
            if name in asked["query"]:
                return 200, {"data": None, "errors": [{"type": "FORBIDDEN", "message": "not accessible"}]}, {}
        try:
            answer, points = schema().execute(asked["query"], asked.get("variables") or {}, roots(self, who))
        except Problem as problem:
            error = {"type": problem.kind, "message": problem.message, "path": list(problem.path)}
            return 200, {"data": None, "errors": [error]}, {}
        except Refused as refusal:
            self.faults.append(f"graphql: {refusal}")
            return 200, {"errors": [{"type": "undefinedField", "message": str(refusal)}]}, {}
        return 200, {"data": answer}, {"points": str(points)}


@contextmanager
def serving(world: World, *, sparing: bool = False) -> Iterator[GitHubServer]:
    """GitHub at ``server.address`` while the block runs; every fault it found is raised at the end."""
    server = GitHubServer(world, sparing=sparing)
    with listening(partial(_Handler, server)) as port:
        server.address = f"http://127.0.0.1:{port}"
        yield server
    assert not server.faults, server.faults


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def __init__(self, server: GitHubServer, *given: Any) -> None:
        self._github = server
        super().__init__(*given)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, data, headers = self._github.answer(self.command, self.path, self.headers, body)
        except Exception as fault:
            self._github.faults.append(f"{self.command} {self.path}: {fault!r}")
            status, data, headers = 500, b"{}", {}
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


def _pattern(template: str) -> str:
    """A template as an expression; the name of a ref or branch may have slashes."""
    parts = re.split(r"\{(\w+)\}", template)
    named = [f"(?P<{part}>{'.+' if part in ('ref', 'branch') else '[^/]+'})" for part in parts[1::2]]
    return "".join(a + b for a, b in zip(map(re.escape, parts[::2]), [*named, ""], strict=True))


def _specific(template: str) -> tuple[int, int]:
    return template.count("{"), -len(template)
