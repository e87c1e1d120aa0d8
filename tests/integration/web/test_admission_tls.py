"""The admission listener takes up new certificates while it serves, and a rotation never leaves a client behind."""

from __future__ import annotations

import socket
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from engine.adapters.certificates.authority import SERVING_DAYS, due, rotate
from engine.core.errors import BadInput
from engine.entrypoints.web.tls import Certificate, listening

NOW = datetime.now(UTC)
NAMES = ["127.0.0.1", "penstock-admission.penstock.svc"]


async def app(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nothing is asked here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rotate(tmp_path / "certificates", NAMES, now=NOW)
    return tmp_path / "certificates"


@pytest.fixture
def certificate(folder: Path) -> Certificate:
    return Certificate(folder / "tls.crt", folder / "tls.key")


@pytest.fixture
def port(certificate: Certificate) -> Iterator[int]:
    with listening(app, certificate, "127.0.0.1", 0) as port:
        yield port


def served(port: int, bundle: bytes) -> int:
    """The serial number of what is served to a client that trusts this bundle alone."""
    trusting = ssl.create_default_context(cadata=bundle.decode())
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        trusting.wrap_socket(plain, server_hostname="127.0.0.1") as shaken,
    ):
        shown = shaken.getpeercert(binary_form=True)
    assert shown
    return x509.load_der_x509_certificate(shown).serial_number


def test_a_client_with_the_bundle_from_before_a_rotation_is_served_after_it(
    folder: Path, certificate: Certificate, port: int
) -> None:
    before = (folder / "ca.crt").read_bytes()
    first = served(port, before)
    rotate(folder, NAMES, now=NOW)
    assert certificate.follow()
    second = served(port, before)
    assert second != first
    assert served(port, (folder / "ca.crt").read_bytes()) == second


def test_two_rotations_later_the_first_bundle_is_trusted_no_more(
    folder: Path, certificate: Certificate, port: int
) -> None:
    before = (folder / "ca.crt").read_bytes()
    for _ in range(2):
        rotate(folder, NAMES, now=NOW)
    assert certificate.follow()
    with pytest.raises(ssl.SSLCertVerificationError):
        served(port, before)


def test_files_that_dont_fit_leave_it_with_what_it_has(folder: Path, certificate: Certificate, port: int) -> None:
    bundle = (folder / "ca.crt").read_bytes()
    first = served(port, bundle)
    (folder / "tls.crt").write_text("half a certif")
    assert not certificate.follow()
    assert served(port, bundle) == first


def test_it_doesnt_begin_with_files_that_dont_fit(folder: Path) -> None:
    with pytest.raises(BadInput, match="no certificate and key that fit"):
        Certificate(folder / "tls.crt", folder / "authority.key")
    with pytest.raises(BadInput, match="no certificate and key that fit"):
        Certificate(folder / "absent.crt", folder / "tls.key")


def test_keys_are_their_owners_alone(folder: Path) -> None:
    for key in folder.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_it_is_due_in_the_last_third_of_its_life(folder: Path, tmp_path: Path) -> None:
    assert due(tmp_path / "absent", now=NOW)
    assert not due(folder, now=NOW + timedelta(days=SERVING_DAYS * 2 / 3 - 1))
    assert due(folder, now=NOW + timedelta(days=SERVING_DAYS * 2 / 3 + 1))


def test_authorities_that_cant_be_read_are_not_replaced_in_silence(folder: Path) -> None:
    (folder / "authority-next.key").write_bytes((folder / "authority.key").read_bytes())
    with pytest.raises(BadInput, match="another one's"):
        rotate(folder, NAMES, now=NOW)
