"""Sessions: who sits at a browser, for a while. A browser holds a random word; what it stands for stays here.

A session holds the digest of the token that began it and nothing that could be used elsewhere. Each page asks again
whom that digest proves, so an identity that is disabled, renewed or expired is signed out with its next click.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from threading import Lock

from engine.core.errors import Unauthenticated
from engine.core.identity import token_digest
from engine.core.moment import shift

LONGEST_SECONDS = 8 * 3600
IDLE_SECONDS = 3600
MOST = 500


@dataclass(frozen=True, slots=True)
class Session:
    """``digest`` of the token that began it, the word its forms carry, and until when it holds: RFC 3339."""

    digest: str
    form_token: str
    idle_until: str
    ends_at: str


@dataclass
class Sessions:
    """Those of this process, by digests of what browsers hold. Safe between threads; the oldest make room."""

    _known: dict[str, Session] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, token: str, *, now: str) -> str:
        """Begin one for a token that was proved; returns what the browser is to hold."""
        held = secrets.token_urlsafe(32)
        made = Session(
            token_digest(token), secrets.token_urlsafe(32), shift(now, IDLE_SECONDS), shift(now, LONGEST_SECONDS)
        )
        with self._lock:
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[token_digest(held)] = made
        return held

    def of(self, held: str, *, now: str) -> Session:
        """The session that a browser holds. Raises :class:`Unauthenticated` for none, or one that has ended."""
        key = token_digest(held)
        with self._lock:
            found = self._known.get(key)
            if found is None or now >= min(found.idle_until, found.ends_at):
                self._known.pop(key, None)
                raise Unauthenticated("nobody is signed in here", where="session", remedy="Sign in")
            self._known[key] = replace(found, idle_until=shift(now, IDLE_SECONDS))
            return found

    def end(self, held: str) -> None:
        """Forget one."""
        with self._lock:
            self._known.pop(token_digest(held), None)
