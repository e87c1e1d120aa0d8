"""Whether a body was signed with a secret that only its sender and the gate know.

1. The digest is taken of the bytes as they came; what a parser would make of them may differ.
2. Only a whole HMAC-SHA256 counts: SHA-1 and a cut-off digest are no signature.
3. Every secret is compared, each in constant time, so that time tells neither which one nor how much of it fits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

_HEX = re.compile(r"[0-9a-f]{64}")


def sign(body: bytes, secret: str) -> str:
    """The hex HMAC-SHA256 of a body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether ``signature`` (64 hex digits) is that of ``body`` by any of the secrets; never so without one."""
    if _HEX.fullmatch(signature) is None:
        return False
    fits = [hmac.compare_digest(sign(body, secret), signature) for secret in secrets if secret]
    return any(fits)
