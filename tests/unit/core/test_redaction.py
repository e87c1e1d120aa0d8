"""No secret is kept: not by its shape, not by its name; and nothing else is lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.redaction import MARK, carries_secret, may_hold_secret, redact, redact_text

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def drawn(least: int, most: int = 80) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=least, max_size=most)


SHAPED = st.one_of(
    drawn(36).map(lambda s: f"ghp_{s}"),
    drawn(30).map(lambda s: f"github_pat_{s}"),
    drawn(20).map(lambda s: f"glpat-{s}"),
    drawn(20).map(lambda s: f"xoxb-{s}"),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=16, max_size=16).map(lambda s: f"AKIA{s}"),
    drawn(35).map(lambda s: f"AIza{s}"),
    drawn(24).map(lambda s: f"sk_live_{s}"),
    drawn(40).map(lambda s: f"sk-{s}"),
    drawn(43).map(lambda s: f"penstock_{s}"),
    st.tuples(drawn(20), drawn(20), drawn(20)).map(lambda p: f"eyJ{p[0]}.{p[1]}.{p[2]}"),
    drawn(64).map(lambda s: f"-----BEGIN RSA PRIVATE KEY-----\n{s}\n-----END RSA PRIVATE KEY-----"),
)
AROUND = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40)
NAMES = st.sampled_from(["password", "DB_PASSWORD", "api_key", "clientSecret", "AUTH-TOKEN", "aws.accessKey", "passwd"])


@given(AROUND, SHAPED, AROUND)
def test_a_secret_with_a_known_shape_is_found_in_any_text(before: str, secret: str, after: str) -> None:
    core = secret.split("\n")[1] if "\n" in secret else secret
    assert core not in redact_text(f"{before} {secret} {after}")


@given(
    NAMES, drawn(6), st.sampled_from(["{}={}", "{}: {}", '{}="{}"', '"{}":"{}"', "{} = '{}'", '{{\\"{}\\":\\"{}\\"}}'])
)
def test_what_is_assigned_to_a_secret_s_name_is_found_in_any_text(name: str, secret: str, form: str) -> None:
    assert secret not in redact_text(f"it ended with {form.format(f'x_{name}', f'Zq{secret}')}")


@given(NAMES, drawn(1))
def test_the_value_of_a_secret_s_name_is_found_in_any_document(name: str, secret: str) -> None:
    planted = f"<{secret}>"
    for document in (
        {name: planted},
        {"spec": {"env": [{"name": name, "value": planted}]}},
        {"key": name, "value": planted},
        {name: [planted]},
        {"kind": "Secret", "data": {"anything": planted}},
    ):
        assert planted not in str(redact(document))
        assert carries_secret(document)


@given(
    st.recursive(st.text(max_size=30) | st.integers() | st.none(), lambda v: st.lists(v) | st.dictionaries(AROUND, v))
)
def test_twice_is_once(value: object) -> None:
    assert redact(redact(value)) == redact(value)


@pytest.mark.parametrize(
    "text",
    [
        "postgres://shop:Zx81@db/orders",
        "amqp://:Zx81@broker",
        "https://ci:Zx81p@ss@git.example.com/x.git",
        "Authorization: Bearer Zx81Zx81",
        "Authorization: Basic dTpaeDgxWng4MQ==",
        "-----BEGIN PRIVATE KEY-----\nZx81 and the end never came",
    ],
)
def test_credentials_in_addresses_headers_and_torn_keys(text: str) -> None:
    assert "Zx81" not in redact_text(text)
    assert "dTpaeDgx" not in redact_text(text)
    assert MARK in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "level=error ts=2026-11-14T03:15:08Z msg=boom key=value",
        "registry.example.com/payments/payments-api:2.9.0@sha256:" + "ab12" * 16,
        "see https://docs.example.com/a:b and mail ops@example.com",
        "the token expired and the password was wrong",
        'secrets "payments-db" not found',
        "back-off 5m0s restarting failed container=payments-api",
        "max_tokens=4096",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "params", [{"key": "TOKEN_TTL_SECONDS", "value": "300"}, {"key": "LOG_LEVEL", "value": "debug"}, {"replicas": 3}]
)
def test_ordinary_parameters_are_none(params: dict[str, object]) -> None:
    assert not carries_secret(params)
    assert redact(params) is params


def test_a_name_that_only_mentions_a_secret_makes_one_of_what_looks_random() -> None:
    assert carries_secret({"key": "TOKEN_V2_BASE64", "value": "q8Zr1Lw0Vt7Yx3Bn5Mk9"})
    assert not carries_secret({"key": "TOKEN_V2_FILE", "value": "/run/secrets/payments"})


def test_long_text_without_a_secret_takes_no_time_of_its_own() -> None:
    for text in ("a" * 200_000, "token" * 40_000, "://" * 60_000, "pass:" * 40_000, "eyJ" * 60_000):
        redact_text(text)


@given(SHAPED, NAMES)
def test_what_is_not_worth_looking_through_holds_no_secret(secret: str, name: str) -> None:
    for document in ({"a": [secret]}, {name: "x"}, {"a": f"x://u:{secret}@h"}, {"kind": "Secret", "data": {"a": "b"}}):
        assert may_hold_secret(json.dumps(document))
