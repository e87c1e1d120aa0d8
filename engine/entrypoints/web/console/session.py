"""Sessions: who sits at a browser, for a while. They stay in the ledger, so that a restart signs nobody out and each
replica knows them.

1. A browser holds a random word, and beside it a proof that only the digest of the token it signed in with could make.
   Words that nobody signed in for are told by that, and don't trouble the ledger.
2. The ledger holds a digest of the word, and until when it is good. Whoever reads that can't sit down at a page.
3. Each page finds anew whose token it was, so an identity that is disabled, renewed or expired is out with its next
   click.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from hmac import compare_digest
from hmac import digest as hmac

from engine.core.errors import Unauthenticated
from engine.core.identity import token_digest
from engine.core.moment import shift
from engine.ports import Ledger, Transaction

LONGEST_SECONDS = 8 * 3600
IDLE_SECONDS = 3600
RENEWED_SECONDS = 60
MOST = 500

SESSIONS, _HELD = "sessions", "held"


def begin(ledger: Ledger, token: str, *, now: str) -> str:
    """Begin one for a token that was proved; returns what the browser is to hold. The oldest of too many make room."""
    word = secrets.token_urlsafe(32)

    def unit(tx: Transaction) -> None:
        tx.forget(SESSIONS, status=_HELD, before=shift(now, -IDLE_SECONDS), most=MOST)
        over = tx.count(SESSIONS, status=_HELD) - MOST + 1
        if over > 0:
            tx.forget(SESSIONS, status=_HELD, before=shift(now, 1), most=over)
        _keep(tx, token_digest(word), shift(now, LONGEST_SECONDS), now)

    ledger.run(unit)
    return f"{word}.{_proof(word, token_digest(token))}"


def token_of(ledger: Ledger, held: str, digests: Iterable[str], *, now: str) -> str:
    """Which of these digests of tokens began the session that a browser holds; a click goes on with it.

    That it goes on is written down once a minute at most. Raises :class:`Unauthenticated` for none, or one that ended.
    """
    word, _, proof = held.partition(".")
    digest = next((one for one in digests if one and compare_digest(_proof(word, one).encode(), proof.encode())), "")
    if not digest or not ledger.run(lambda tx: _going_on(tx, token_digest(word), now)):
        raise Unauthenticated("nobody is signed in here", where="session", remedy="Sign in")
    return digest


def end(ledger: Ledger, held: str, *, now: str) -> None:
    """End one, whatever the browser keeps."""
    ledger.run(lambda tx: _keep(tx, token_digest(held.partition(".")[0]), "", now))


def form_word(held: str) -> str:
    """The word that the forms of a session carry: nobody else can tell it, and nothing keeps it."""
    return hmac(held.encode(), b"form", "sha256").hex()


def _proof(word: str, digest: str) -> str:
    return hmac(digest.encode(), word.encode(), "sha256").hex()


def _going_on(tx: Transaction, key: str, now: str) -> bool:
    found = tx.find(SESSIONS, key)
    if found is None or now >= min(found["idle_until"], found["ends_at"]):
        return False
    if found["idle_until"] <= shift(now, IDLE_SECONDS - RENEWED_SECONDS):
        _keep(tx, key, found["ends_at"], now)
    return True


def _keep(tx: Transaction, key: str, ends_at: str, now: str) -> None:
    """``ends_at`` is empty for one that was ended: whatever a replica's clock says, that is over."""
    tx.put(SESSIONS, key, {"idle_until": shift(now, IDLE_SECONDS), "ends_at": ends_at}, status=_HELD, at=now)
