"""A real Gitea on this machine: one server a session, people with tokens, a repository for each test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from engine.adapters.tools.obtain import find
from engine.adapters.tools.pins import GITEA

START_SECONDS = 60.0
ADMIN, WORD = "lab-admin", "lab-w0rd-for-loopback"

_CONFIG = """APP_NAME = lab
RUN_USER = {user}
RUN_MODE = prod
WORK_PATH = {folder}

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
DOMAIN = 127.0.0.1
ROOT_URL = http://127.0.0.1:{port}/
{ssh}
OFFLINE_MODE = true
{static}

[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
SQLITE_JOURNAL_MODE = WAL

[security]
INSTALL_LOCK = true
PASSWORD_HASH_ALGO = pbkdf2$10$10
SUCCESSFUL_TOKENS_CACHE_SIZE = 100

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback
DELIVER_TIMEOUT = 5

[indexer]
ISSUE_INDEXER_TYPE = db

[cron]
ENABLED = false

[mailer]
ENABLED = false

[log]
MODE = file
LEVEL = warn
ROOT_PATH = {folder}/log

[repository]
DEFAULT_BRANCH = main

[actions]
ENABLED = false
"""

_SSH = """START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_DOMAIN = 127.0.0.1
SSH_LISTEN_HOST = 127.0.0.1
SSH_PORT = {port}
SSH_LISTEN_PORT = {port}"""


@dataclass
class Account:
    """One account of the server: its name, lasting id and token."""

    login: str
    id: int
    token: str = field(repr=False)


@dataclass
class GiteaServer:
    """A running server. ``url`` has no slash at its end; the API is below ``url + /api/v1``."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]
    admin: Account
    ssh_port: int = 0
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))
    accounts: dict[str, Account] = field(default_factory=dict)
    members: set[tuple[str, str, str]] = field(default_factory=set)
    named: list[str] = field(default_factory=list)

    @property
    def api(self) -> str:
        """The address of the API."""
        return f"{self.url}/api/v1"

    def ask(self, method: str, path: str, body: Any = None, *, who: Account | None = None, **query: Any) -> Any:
        """One request as an account, the administrator unless named; anything but success raises."""
        given = {"Authorization": f"token {(who or self.admin).token}"}
        done = self.client.request(method, self.api + path, json=body, params=query, headers=given)
        if done.is_error:
            raise AssertionError(f"{method} {path}: {done.status_code} {done.text[:300]}")
        return done.json() if done.content and "json" in done.headers.get("content-type", "") else None

    def account(self, login: str) -> Account:
        """The account of a person, made when it is first named."""
        if login not in self.accounts:
            address = f"{login}{'-again' * self.named.count(login)}@example.com"
            self.named.append(login)
            given = {
                "username": login,
                "email": address,
                "password": WORD,
                "must_change_password": False,
            }
            made = self.ask("POST", "/admin/users", given)
            self.accounts[login] = Account(login, made["id"], token_of(self.api, login))
        return self.accounts[login]


def token_of(api: str, login: str) -> str:
    """A new token that may do whatever the account may."""
    asked = {"name": "lab", "scopes": ["all"]}
    done = httpx.post(f"{api}/users/{login}/tokens", json=asked, auth=(login, WORD), timeout=30)
    done.raise_for_status()
    return str(done.json()["sha1"])


def binary(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Gitea where it already is; it isn't built here."""
    cache = Path(environment.get("PENSTOCK_CACHE") or Path.home() / ".cache" / "penstock")
    return find(GITEA, cache=cache, environment=environment, say=lambda _: None)


@contextmanager
def running(gitea: Path, folder: Path, *, ssh: bool = False) -> Iterator[GiteaServer]:
    """A server in ``folder`` until the end of the block, with its own SSH server where that is wanted.

    Only the process started here is ended.
    """
    config = folder / "app.ini"
    port, ssh_port = free_port(), free_port() if ssh else 0
    spoken = _SSH.format(port=ssh_port) if ssh else "DISABLE_SSH = true"
    static = f"STATIC_ROOT_PATH = {gitea.parent}" if (gitea.parent / "templates").is_dir() else ""
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    config.write_text(_CONFIG.format(user=user, folder=folder, port=port, static=static, ssh=spoken))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GITEA_WORK_DIR": str(folder),
        "GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT": "true",
    }

    def run(*arguments: str) -> None:
        command = [str(gitea), "--config", str(config), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-800:]} {done.stderr[-800:]}"

    run("migrate")
    person = ("--username", ADMIN, "--password", WORD, "--email", f"{ADMIN}@example.com")
    run("admin", "user", "create", "--admin", "--must-change-password=false", *person)
    command = [str(gitea), "--config", str(config), "web"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process, folder)
        token = token_of(f"{url}/api/v1", ADMIN)
        server = GiteaServer(url, folder, process, Account(ADMIN, 1, token), ssh_port)
        with server.client:
            yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    until, pause = time.monotonic() + START_SECONDS, threading.Event()
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/api/healthz", timeout=2).is_success:
                return
        except httpx.HTTPError:
            pause.wait(0.1)
    raise AssertionError(f"Gitea didn't start: {(folder / 'server.log').read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
