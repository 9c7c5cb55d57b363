"""The keys by which push services know us: P-256, written in base64url without padding."""

from __future__ import annotations

import base64
import functools

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from py_vapid import Vapid

_PRIVATE_BYTES = 32


def make() -> tuple[str, str]:
    """A new pair: the public key, as browsers want it, and the private one."""
    key = ec.generate_private_key(ec.SECP256R1())
    return public_of(key), written(key.private_numbers().private_value.to_bytes(32, "big"))


@functools.lru_cache(maxsize=4)
def read(private: str) -> Vapid:
    """The private key. Raises `ValueError` where it is none; nothing of it stands in the error."""
    try:
        raw = base64.urlsafe_b64decode(private + "=" * (-len(private) % 4))
        if len(raw) != _PRIVATE_BYTES:
            raise ValueError
        return Vapid(ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1()))
    except ValueError:
        raise ValueError("it is no key that manage.py make_vapid_keys made") from None


def problem() -> str:
    """What is wrong with the settings, in words; nothing where they are whole or not there at all."""
    given = [settings.VAPID_PUBLIC_KEY, settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT]
    if not any(given):
        return ""
    if not all(given):
        return "only some of VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY and VAPID_SUBJECT are there"
    if not settings.VAPID_SUBJECT.startswith(("mailto:", "https://")):
        return "VAPID_SUBJECT is neither mailto: nor https"
    try:
        public = public_of(read(settings.VAPID_PRIVATE_KEY).private_key)
    except ValueError as mistake:
        return f"VAPID_PRIVATE_KEY: {mistake}"
    return "" if public == settings.VAPID_PUBLIC_KEY else "VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY are no pair"


def public_of(key: ec.EllipticCurvePrivateKey) -> str:
    """As `applicationServerKey` of a browser wants it."""
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return written(key.public_key().public_bytes(encoding, form))


def written(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
