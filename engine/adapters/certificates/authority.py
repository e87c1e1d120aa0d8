"""Our own certificates for admission, where no certificate manager makes them.

The API server trusts a bundle; the gate serves a certificate. They change at different moments, so there are always
two authorities: the one that signs now and the next one, both in the bundle. A rotation moves on by one. Whoever still
has the bundle from before it trusts the new certificate already.

Private keys are written before what needs them and readable by their owner alone; each file is replaced whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from engine.core.errors import BadInput

AUTHORITY_DAYS = 730
SERVING_DAYS = 90
SKEW = timedelta(minutes=10)
CURRENT, NEXT, BUNDLE, CERTIFICATE, KEY = "authority", "authority-next", "ca.crt", "tls.crt", "tls.key"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    @property
    def public(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def private(self) -> bytes:
        """The key in PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def rotate(folder: Path, names: list[str], *, now: datetime) -> None:
    """Make the certificates in ``folder``, or move on by one authority; ``names`` are DNS names or addresses.

    Raises :class:`BadInput` for authorities that can't be read.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    current = _kept(folder, NEXT) or _made_authority(now)
    following = _made_authority(now)
    serving = _made_serving(current, names, now)
    _keep(folder, CURRENT, current)
    _keep(folder, NEXT, following)
    _write(folder / BUNDLE, current.public + following.public)
    _write(folder / KEY, serving.private)
    _write(folder / CERTIFICATE, serving.public)


def due(folder: Path, *, now: datetime) -> bool:
    """Whether the serving certificate is missing or within a third of its life of its end."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    except (OSError, ValueError):
        return True
    return now >= certificate.not_valid_after_utc - timedelta(days=SERVING_DAYS) / 3


def _made_authority(now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    distinct = f"penstock admission {now:%Y-%m-%d} {x509.random_serial_number():040x}"[:64]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, distinct)])
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = _begun(name, name, key, now, AUTHORITY_DAYS)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def _made_serving(authority: Pair, names: list[str], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    builder = _begun(subject, authority.certificate.subject, key, now, SERVING_DAYS)
    builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(issuer, critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - SKEW).not_valid_after(now + timedelta(days=days))


def _alternative(name: str) -> x509.GeneralName:
    from ipaddress import ip_address

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _kept(folder: Path, name: str) -> Pair | None:
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    if not certificate.exists() and not key.exists():
        return None
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError):
        raise BadInput("can't be read", where=str(certificate), remedy="Take the folder away to begin anew") from None
    if not isinstance(private, EllipticCurvePrivateKey) or private.public_key() != found.public_key():
        raise BadInput("the key is another one's", where=str(key), remedy="Take the folder away to begin anew")
    return Pair(found, private)


def _keep(folder: Path, name: str, pair: Pair) -> None:
    _write(folder / f"{name}.key", pair.private)
    _write(folder / f"{name}.crt", pair.public)


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    fresh.write_bytes(data)
    fresh.replace(path)
