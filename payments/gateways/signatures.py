"""Signed webhooks: HMAC-SHA256 over "time.body", in a header `t=…,v1=…` that may carry several signatures."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from payments.errors import BadSignature

#: An older signature may be a recording.
MAX_AGE = timedelta(minutes=5)


def sign(raw: bytes, secret: str, at: datetime) -> str:
    """The header's value for these bytes, sent at this time."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(raw, secret, seconds)}"


def verify(raw: bytes, header: str, secret: str, now: datetime) -> None:
    """Raise `BadSignature` unless the bytes were signed with the secret within `MAX_AGE` of `now`."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    # Twelve digits reach past the year 30,000 and keep int() from chewing on a header made of nothing but digits.
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        raise BadSignature("The signature header can't be read.")
    seconds = int(times[0])
    expected = _digest(raw, secret, seconds).encode()
    given = [value.encode() for name, _, value in parts if name == "v1"]
    if not any(hmac.compare_digest(expected, value) for value in given):
        raise BadSignature
    if abs(now.timestamp() - seconds) > MAX_AGE.total_seconds():
        raise BadSignature("The signature is too old.")


def _digest(raw: bytes, secret: str, seconds: int) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + raw, hashlib.sha256).hexdigest()
