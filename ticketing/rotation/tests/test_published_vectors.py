"""Somebody who knows the documents and none of our code comes to the same bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ticketing.rotation import checking, texts
from ticketing.rotation.tests.test_totp import VECTORS

FILE = json.loads(VECTORS.read_text())


def hkdf(seed: bytes, info: bytes) -> bytes:
    """RFC 5869 with no salt and one block of output."""
    extracted = hmac.digest(bytes(32), seed, "sha256")
    return hmac.digest(extracted, info + b"\1", "sha256")


def number(secret: bytes, at: int) -> str:
    mac = hmac.new(secret, (at // FILE["period"]).to_bytes(8, "big"), hashlib.sha256).digest()
    at = mac[31] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**8:08}"


@pytest.mark.parametrize("device", FILE["devices"], ids=lambda d: f"{d['door_key_version']}-{d['code_version']}")
def test_keys_secrets_and_numbers_follow_from_the_seed(device):
    event, ticket = UUID(FILE["event"]).bytes, UUID(FILE["ticket"]).bytes
    info = b"trufan door key" + event + device["door_key_version"].to_bytes(2, "big")
    door_key = hkdf(bytes.fromhex(FILE["seed"]), info)
    assert door_key.hex() == device["door_key"]
    secret = hmac.digest(door_key, ticket + device["code_version"].to_bytes(2, "big"), "sha256")
    assert secret.hex() == device["secret"]
    assert base64.b32decode(device["secret_base32"] + "====") == secret
    assert [number(secret, each["at"]) for each in device["moments"]] == [m["number"] for m in device["moments"]]


@pytest.mark.parametrize("device", FILE["devices"], ids=lambda d: f"{d['door_key_version']}-{d['code_version']}")
def test_the_static_part_is_signed_as_documented(device):
    raw = base64.b32decode(device["static"].removeprefix("TF2:") + "====")
    assert raw[:4].hex() == FILE["key_id"]
    assert (UUID(bytes=raw[4:20]), UUID(bytes=raw[20:36])) == (UUID(FILE["ticket"]), UUID(FILE["event"]))
    assert int.from_bytes(raw[36:38], "big") == device["code_version"]
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(FILE["public_key"])).verify(raw[38:], b"TF2:" + raw[:38])


@pytest.mark.parametrize("scan", FILE["scans"], ids=lambda scan: f"{scan['at']} {scan['reason'] or 'good'}")
def test_the_door_answers_as_published(scan, settings):
    settings.TICKET_SIGNING_KEYS = ["test:" + base64.b64encode(bytes.fromhex(FILE["seed"])).decode()]
    venue, configuration = UUID(FILE["venue"]), {"rotating_codes": True}
    event = SimpleNamespace(pk=UUID(FILE["event"]), venue_id=venue, configuration=configuration)
    claim = texts.read(scan["text"])
    claim.verify(venue)
    assert checking.verify(claim, event, datetime.fromtimestamp(scan["at"], UTC)) == scan["reason"]
