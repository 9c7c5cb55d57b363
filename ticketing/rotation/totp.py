"""Numbers that change with time: HOTP (RFC 4226) and TOTP (RFC 6238), and nothing else."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

#: Seconds that one number stands; T0 is the beginning of 1970.
PERIOD = 15
DIGITS = 8
ALGORITHM = "sha256"


def hotp(secret: bytes, counter: int, digits: int = DIGITS, algorithm: str = ALGORITHM) -> str:
    """The number of a counter, with its leading zeros."""
    mac = hmac.digest(secret, counter.to_bytes(8, "big"), getattr(hashlib, algorithm))
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step(at: datetime, period: int = PERIOD) -> int:
    """How many whole periods have passed since 1970."""
    return int(at.timestamp() // period)


def totp(secret: bytes, at: datetime, digits: int = DIGITS, period: int = PERIOD, algorithm: str = ALGORITHM) -> str:
    """The number of that moment."""
    return hotp(secret, step(at, period), digits, algorithm)
