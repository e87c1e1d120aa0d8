"""Fetching an official release: refused unless its bytes are the pinned ones.

A machine without internet is an ordinary case, so a failure comes within seconds and is one sentence; the caller
goes on to the next way.
"""

from __future__ import annotations

import hashlib
import io
import platform
import tarfile
import time
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path

from engine.adapters.tools.pins import Release

ANSWER_SECONDS = 5.0
TOTAL_SECONDS = 180.0
MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024


class NotObtained(Exception):
    """One way to a binary didn't work; the text says why in one sentence."""


def this_platform() -> str:
    """``linux-amd64`` and the like, as releases are named."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{platform.system().lower()}-{machine}"


def download(release: Release, target: Path, *, environment: Mapping[str, str]) -> None:
    """Write the released binary to ``target``, executable. Raises :class:`NotObtained`; nothing is written then."""
    body = _fetch(release.url, environment)
    found = hashlib.sha256(body).hexdigest()
    if found != release.sha256:
        raise NotObtained(f"{release.url} has the SHA-256 {found}, not the pinned {release.sha256}")
    target.write_bytes(_member(body, release) if release.member else body)
    target.chmod(0o755)


def _fetch(url: str, environment: Mapping[str, str]) -> bytes:
    proxies = {
        scheme: address
        for scheme in ("http", "https")
        if (address := environment.get(f"{scheme}_proxy") or environment.get(f"{scheme.upper()}_PROXY"))
    }
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    deadline = time.monotonic() + TOTAL_SECONDS
    body = bytearray()
    try:
        with opener.open(url, timeout=ANSWER_SECONDS) as answer:
            while chunk := answer.read(_CHUNK):
                body += chunk
                if len(body) > MOST_BYTES or time.monotonic() > deadline:
                    raise NotObtained(f"{url} is too large or too slow")
    except (OSError, HTTPException, ValueError) as error:
        raise NotObtained(f"{url} can't be fetched ({error})") from None
    return bytes(body)


def _member(archive: bytes, release: Release) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
            content = files.extractfile(release.member)
            if content is None:
                raise NotObtained(f"{release.member} in {release.url} is not a file")
            return content.read()
    except (tarfile.TarError, KeyError, OSError, EOFError) as error:
        raise NotObtained(f"{release.url} can't be unpacked ({error})") from None
