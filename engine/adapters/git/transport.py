"""One run of ``git`` against another machine, which is the only thing the gate lets ``git`` do.

Everything else reads and writes objects without it. What a run obeys is said here and nowhere else:

1. No configuration of the user or the machine, no hooks, no prompts, no helper that hands out other credentials.
2. One protocol, that of the address, and no redirect, so a credential reaches the host that was set and no other.
3. The credential travels in the environment of this one process: never in an argument, an address or a message.
4. A bound on time. What runs over it is ended with everything it started.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from engine.core.errors import (
    BadInput,
    ForgeTrouble,
    ForgeUnreachable,
    MissingPermission,
    NotFound,
    RateLimited,
    RepositoryGone,
    RevokedToken,
    ToolUnavailable,
)
from engine.core.untrusted import one_line

PASSED_ON: tuple[str, ...] = ("PATH", "TMPDIR", "GIT_EXEC_PATH", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR")
PASSED_ON += ("http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
PROTOCOLS = ("https", "http", "ssh", "file")
_SAFE = {
    "core.hooksPath": "/dev/null",
    "core.askPass": "",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "protocol.version": "2",
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A user name and the secret that goes with it, asked for anew at each run because it may be replaced."""

    user: str
    secret: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeployKey:
    """A private SSH key in a file that only this user may read."""

    file: Path


Credential = Token | DeployKey | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run that reached the other side left: its exit code and its standard output."""

    code: int
    output: str


class Transport:
    """Runs ``git`` between one folder here and one address. ``environment`` is this process's own."""

    def __init__(self, url: str, folder: Path, *, credential: Credential, environment: Mapping[str, str]) -> None:
        self.url = url
        self._protocol = urlsplit(url).scheme or "file"
        if self._protocol not in PROTOCOLS:
            raise BadInput("not the address of a repository", where=one_line(url, limit=80), remedy="Use https or ssh")
        self._folder = folder
        self._credential = credential
        self._environment = {name: environment[name] for name in PASSED_ON if name in environment}

    def run(self, arguments: Sequence[str], *, seconds: float, accepted: Sequence[int] = (0,)) -> Answer:
        """Run one command. Exit codes outside ``accepted`` raise what the messages say.

        Raises :class:`RevokedToken`, :class:`MissingPermission`, :class:`RepositoryGone`, :class:`RateLimited`,
        :class:`NotFound` for a branch that isn't there, and :class:`ForgeUnreachable` for everything else.
        """
        secret = self._credential.secret() if isinstance(self._credential, Token) else ""
        command = ["git", f"--git-dir={self._folder}", *arguments]
        code, output, said = _bounded(command, self._settings(secret), seconds, self.url)
        if code in accepted:
            return Answer(code, output)
        raise trouble(said.replace(secret, "…") if secret else said, where=self.url)

    def _settings(self, secret: str) -> dict[str, str]:
        settings = dict(_SAFE)
        if isinstance(self._credential, Token):
            plain = f"{self._credential.user}:{secret}".encode()
            settings[f"http.{self.url}.extraHeader"] = f"Authorization: Basic {base64.b64encode(plain).decode()}"
        given = {
            **self._environment,
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": self._protocol,
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for index, (name, value) in enumerate(settings.items()):
            given |= {f"GIT_CONFIG_KEY_{index}": name, f"GIT_CONFIG_VALUE_{index}": value}
        if isinstance(self._credential, DeployKey):
            given["GIT_SSH_COMMAND"] = _ssh(self._credential.file.absolute())
        return given


def _ssh(key: Path) -> str:
    """How ``ssh`` is run: with this key alone, to hosts that are known. A ``known_hosts`` beside the key says which."""
    options = ["IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=20"]
    hosts = key.with_name("known_hosts")
    if hosts.is_file():
        options.append(f'UserKnownHostsFile="{hosts}"')
    return shlex.join(["ssh", "-F", "none", *(part for option in options for part in ("-o", option)), "-i", str(key)])


def trouble(said: str, *, where: str) -> ForgeTrouble | NotFound:
    """The noun of a situation that ``git`` can only tell in words; they are in English because ``LC_ALL`` is C."""
    line = next((line for line in said.splitlines() if line.startswith(("fatal:", "error:", "remote:"))), said)
    text = one_line(line, limit=200) or "git said nothing"
    missing = re.search(r"couldn't find remote ref (\S+)", said)
    if missing:
        return NotFound(f"there is no {missing[1]}", where=where, remedy="Push it, or name another")
    for pattern, kind, remedy in _TROUBLES:
        if re.search(pattern, said, re.IGNORECASE):
            return kind(text, where=where, remedy=remedy)
    return ForgeUnreachable(text, where=where, remedy="Look whether the forge is up; it is tried again")


_TROUBLES: Sequence[tuple[str, type[ForgeTrouble], str]] = (
    (
        r"authentication failed|could not read (username|password)|error: 401|permission denied \(publickey",
        RevokedToken,
        "Give the gate a credential that holds",
    ),
    (r"error: 403|not permitted|unauthorized", MissingPermission, "Let the gate's account read and write there"),
    (r"host key verification failed", ForgeUnreachable, "Put the host's key into known_hosts beside the deploy key"),
    (r"error: 429", RateLimited, "It is tried again later"),
    (r"error: 404|repository .*not found|does not appear to be a git repository", RepositoryGone, "Check its name"),
)


def _bounded(command: Sequence[str], environment: Mapping[str, str], seconds: float, url: str) -> tuple[int, str, str]:
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolUnavailable(f"git can't be run ({error.strerror})", remedy="Install git 2.31 or newer") from None
    try:
        output, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise ForgeUnreachable(f"no end within {seconds:g} s", where=url, remedy="It is tried again") from None
    return process.returncode, output.decode(errors="replace"), said.decode(errors="replace")
