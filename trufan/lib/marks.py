"""Short codes that prove themselves: a row's key under a keyed digest, so that nothing to steal is stored.

    <prefix>.<base 32 of key, version and 80 bits of HMAC-SHA256, no padding>

The digest is made with SECRET_KEY; a code outlives its rotation as long as the old key stands in
SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_BODY = struct.Struct(">16sH")
_DIGEST_BYTES = 10


class NotAMark(ValueError):
    """The text is not laid out as such a code, or nobody of ours made it."""


@dataclass(frozen=True)
class Mark:
    """What a code says, once it was checked."""

    pk: UUID
    version: int


def write(prefix: str, pk: UUID, version: int = 1) -> str:
    """The code of a row: capital letters and digits, as QR's alphanumeric mode has them."""
    body = _BODY.pack(pk.bytes, version)
    return f"{prefix}.{_text(body + _digest(prefix, body, settings.SECRET_KEY))}"


def read(prefix: str, text: str) -> Mark:
    """What the code says. Raises `NotAMark`."""
    name, _, rest = text.strip().upper().partition(".")
    try:
        raw = base64.b32decode(rest + "=" * (-len(rest) % 8))
    except (binascii.Error, ValueError):
        raise NotAMark from None
    if name != prefix or len(raw) != _BODY.size + _DIGEST_BYTES:
        raise NotAMark
    body, digest = raw[: _BODY.size], raw[_BODY.size :]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(constant_time_compare(_digest(prefix, body, key), digest) for key in keys):
        raise NotAMark
    key, version = _BODY.unpack(body)
    return Mark(UUID(bytes=key), version)


def _digest(prefix: str, body: bytes, key: str) -> bytes:
    return salted_hmac(f"trufan.lib.marks.{prefix}", body, secret=key, algorithm="sha256").digest()[:_DIGEST_BYTES]


def _text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")
