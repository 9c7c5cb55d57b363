"""The numbers are those of the standards, and of the vectors that we publish."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from ticketing.rotation import totp

VECTORS = Path(settings.BASE_DIR) / "docs" / "vectors" / "rotating-codes.json"
#: RFC 6238, appendix B: eight digits, thirty seconds, the ASCII secret repeated to the length of the hash.
SECRETS = {"sha1": 20, "sha256": 32, "sha512": 64}
RFC_6238 = [
    (59, "94287082", "46119246", "90693936"),
    (1_111_111_109, "07081804", "68084774", "25091201"),
    (1_111_111_111, "14050471", "67062674", "99943326"),
    (1_234_567_890, "89005924", "91819424", "93441116"),
    (2_000_000_000, "69279037", "90698825", "38618901"),
    (20_000_000_000, "65353130", "77737706", "47863826"),
]


@pytest.mark.parametrize(("at", "sha1", "sha256", "sha512"), RFC_6238)
def test_the_vectors_of_rfc_6238_hold(at, sha1, sha256, sha512):
    for algorithm, expected in {"sha1": sha1, "sha256": sha256, "sha512": sha512}.items():
        secret = (b"1234567890" * 7)[: SECRETS[algorithm]]
        moment = datetime.fromtimestamp(at, UTC)
        assert totp.totp(secret, moment, period=30, algorithm=algorithm) == expected


def test_the_vectors_of_rfc_4226_hold():
    numbers = [totp.hotp(b"12345678901234567890", counter, digits=6, algorithm="sha1") for counter in range(10)]
    assert numbers == "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split()


def test_a_number_changes_every_fifteen_seconds():
    secret = bytes(32)
    seen = [totp.totp(secret, datetime.fromtimestamp(at, UTC)) for at in range(900, 960)]
    assert [len(set(seen[at : at + 15])) for at in range(0, 60, 15)] == [1, 1, 1, 1]
    assert len(set(seen)) == 4
    assert {len(number) for number in seen} == {8}


def test_the_published_vectors_are_what_the_command_prints():
    printed = StringIO()
    call_command("rotation_vectors", stdout=printed)
    assert json.loads(printed.getvalue()) == json.loads(VECTORS.read_text())
