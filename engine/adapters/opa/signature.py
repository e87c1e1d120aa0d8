"""What a bundle's signature says, in the form that an OPA server checks too.

The signature is a list of files and what each hashes to. Who holds the verifying keys says how they sign: what a
token writes of itself is not asked, so that nobody can talk a verifier into a weaker way.
An OPA server hashes JSON by what it says; here it is hashed as it is, and written so that both are the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from engine.core import canonical
from engine.core.errors import BadInput, TamperedBundle, UnsignedBundle

SIGNATURES = ".signatures.json"
_PUBLIC = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_KEYS = "Use an RSA key of at least 2048 bits, or an EC key on P-256, in PEM"
_SHORTEST = 2048


def sign(files: Mapping[str, bytes], key: Path) -> bytes:
    """The signatures file over ``files``, by path. Raises :class:`BadInput` for a key that can't sign."""
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput(f"is no private key ({type(error).__name__})", where=str(key), remedy=_KEYS) from None
    if not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
        raise BadInput("is of a kind that isn't used here", where=str(key), remedy=_KEYS)
    claims = {"files": _listed(files)}
    token = jwt.encode(claims, private, algorithm=_algorithm(private.public_key(), key), headers={"kid": "default"})
    return canonical.encode({"signatures": [token]})


def verify(files: Mapping[str, bytes], keys: Path, *, where: str) -> None:
    """Hold an archive's files, the signatures file among them, against the public keys in a PEM file.

    1. Exactly one signature is there. 2. One of the keys made it, in that key's own way. 3. It lists every file and
    no other, each as it is. Raises :class:`UnsignedBundle` or :class:`TamperedBundle`.
    """
    rest = {name: content for name, content in files.items() if name != SIGNATURES}
    token = _token(files.get(SIGNATURES), where)
    for public in _public_keys(keys):
        try:
            claims = jwt.decode(token, public, algorithms=[_algorithm(public, keys)])
        except (jwt.InvalidTokenError, jwt.InvalidKeyError):
            continue
        if claims.get("files") != _listed(rest):
            problem, remedy = "its files aren't those that were signed", "Fetch it again, or build and sign it anew"
            raise TamperedBundle(problem, where=where, remedy=remedy)
        return
    raise UnsignedBundle("no key that is set signed it", where=where, remedy=f"Sign it with the key of {keys}")


def read_keys(keys: Path) -> None:
    """Raises :class:`BadInput` when a file doesn't hold at least one public key that can verify."""
    for public in _public_keys(keys):
        _algorithm(public, keys)


def _token(content: bytes | None, where: str) -> str:
    if content is None:
        remedy = "Sign it: penstock policy sign --key KEY --version NUMBER"
        raise UnsignedBundle("isn't signed", where=where, remedy=remedy)
    try:
        signatures = canonical.parse(content, where=where)["signatures"]
    except (BadInput, KeyError, TypeError):
        signatures = None
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], str):
        raise UnsignedBundle("doesn't carry one signature", where=where, remedy="Build and sign it anew")
    return signatures[0]


def _listed(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    return [{"name": name, "hash": found, "algorithm": "SHA-256"} for name, found in hashes.items()]


def _public_keys(keys: Path) -> Sequence[RSAPublicKey | EllipticCurvePublicKey]:
    try:
        blocks = _PUBLIC.findall(keys.read_bytes())
        found = [serialization.load_pem_public_key(block) for block in blocks]
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(f"holds no public key ({type(error).__name__})", where=str(keys), remedy=_KEYS) from None
    if not found:
        raise BadInput("holds no public key", where=str(keys), remedy=_KEYS)
    kinds = [key for key in found if isinstance(key, RSAPublicKey | EllipticCurvePublicKey)]
    if len(kinds) != len(found):
        raise BadInput("holds a key of a kind that isn't used here", where=str(keys), remedy=_KEYS)
    return kinds


def _algorithm(public: Any, where: Path) -> str:
    if isinstance(public, RSAPublicKey) and public.key_size >= _SHORTEST:
        return "RS256"
    if isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
        return "ES256"
    raise BadInput("holds a key that is too weak, or of another curve", where=str(where), remedy=_KEYS)
