"""Where an OPA server is, read strictly: the address is a setting, and nothing else ever gets into a URL."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Address:
    """Host (an IPv6 one in brackets), port, and whether the connection is encrypted."""

    host: str
    port: int
    encrypted: bool

    def __str__(self) -> str:
        return f"OPA server {self.host}:{self.port}"


def read_address(url: str, *, token: str = "") -> Address:
    """The address in ``http://127.0.0.1:8181``; ``localhost`` is taken as 127.0.0.1, never ::1.

    Raises :class:`BadInput` for anything but scheme, host and port, and for a token that would travel in clear text.
    """
    where, remedy = "PENSTOCK_OPA_URL", "Give one like http://127.0.0.1:8181"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadInput(f"{url!r} is not an address ({error})", where=where, remedy=remedy) from None
    extra = parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not host or extra:
        raise BadInput(f"{url!r} is not scheme, host and port alone", where=where, remedy=remedy)
    host = "127.0.0.1" if host == "localhost" else host
    encrypted = parts.scheme == "https"
    if token and not encrypted and not _loopback(host):
        raise BadInput("a token would travel unencrypted", where=where, remedy="Use https")
    return Address(f"[{host}]" if ":" in host else host, port or (443 if encrypted else 80), encrypted)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
