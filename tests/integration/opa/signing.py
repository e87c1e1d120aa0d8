"""Keys of a test's own, made once a session, because making them takes a while; and archives taken apart."""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from engine.adapters.opa.signature import SIGNATURES, sign

Files = dict[str, bytes]


@dataclass(frozen=True)
class KeyPair:
    """A private key in PEM, and its public one."""

    private: Path
    public: Path


def make_keys(folder: Path, kind: str) -> KeyPair:
    """An RSA pair, or an EC one on the curve that ``kind`` names."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if kind == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elif kind == "weak":
        key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    else:
        key = ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[kind])
    pair = KeyPair(folder / f"{kind}.pem", folder / f"{kind}.pub.pem")
    form = serialization.PrivateFormat.PKCS8
    pair.private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    pair.public.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, public))
    return pair


def unpack(archive: Path) -> Files:
    with tarfile.open(archive) as opened:
        return {member.name.lstrip("/"): opened.extractfile(member).read() for member in opened}  # type: ignore[union-attr]


def pack(archive: Path, files: Files) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as written:
        for name, content in files.items():
            member = tarfile.TarInfo(f"/{name}")
            member.size = len(content)
            written.addfile(member, io.BytesIO(content))
    archive.write_bytes(gzip.compress(raw.getvalue()))


def signed_again(archive: Path, keys: KeyPair, **changed: bytes) -> None:
    files = {**unpack(archive), **{name.replace("__", "."): content for name, content in changed.items()}}
    files.pop(SIGNATURES)
    pack(archive, {**files, SIGNATURES: sign(files, keys.private)})
