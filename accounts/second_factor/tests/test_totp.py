"""Codes by the clock are those of RFC 6238, give or take one step."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import User
from accounts.second_factor import totp

#: The secret of the RFC's appendix B, and the last six of the eight digits it prints.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.code_of(SECRET, totp.step_at(at(seconds))) == code


@pytest.mark.parametrize(("drift", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phones_clock_may_be_one_step_off(drift: int, is_taken: bool) -> None:
    now = at(1234567890)
    code = totp.code_of(SECRET, totp.step_at(now + timedelta(seconds=drift)))
    assert (totp.matching_step(SECRET, code, now) is not None) == is_taken


def test_secrets_are_long_and_differ() -> None:
    secrets = {totp.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_the_address_names_issuer_and_person() -> None:
    address = urlsplit(totp.address(SECRET, User(email="olga+boss@example.com")))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/TruFan%3Aolga%2Bboss%40example.com"
    assert parse_qs(address.query) == {"secret": [SECRET], "issuer": ["TruFan"], "digits": ["6"], "period": ["30"]}
