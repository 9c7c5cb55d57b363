"""Who comes before whom: a number for each place, drawn for those who came before the start, by the clock for the rest.

The draw is HMAC-SHA256 of the place's id under a seed that the room has from its first day. SHA-256 of the seed is
published at once, the seed itself when the draw counts: nobody can choose another order in between, and everybody can
work it out again. Nothing has to be done at the start, the busiest moment of all: the order stands since people came.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

#: Drawn numbers are below it, those of people who came after the start are not.
AFTER_THE_DRAW = 1 << 62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_seed() -> str:
    """64 hexadecimal digits, 256 bits."""
    return secrets.token_hex(32)


def commitment(seed: str) -> str:
    """What is published before the draw: SHA-256 of the seed's bytes, in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def drawn(seed: str, place_id: UUID) -> int:
    """The number of a place, 62 bits: the first 64 of HMAC-SHA256(seed, the id's 16 bytes), without the last two."""
    digest = hmac.digest(bytes.fromhex(seed), place_id.bytes, "sha256")
    return int.from_bytes(digest[:8], "big") >> 2


def arrived(now: datetime) -> int:
    """The number of who comes after the start: behind all that were drawn, by the microsecond."""
    return AFTER_THE_DRAW + (now - _EPOCH) // timedelta(microseconds=1)
