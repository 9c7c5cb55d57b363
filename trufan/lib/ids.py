"""Keys that sort by the time they were made, so that an index grows at its end and pages stay warm."""

import os
import threading
import time
import uuid
from datetime import datetime

#: A clock that was set back by more than this is followed; the bits below the milliseconds are 74.
_AHEAD = 1_000 << 74
_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A version 7 UUID: 48 bits of Unix milliseconds, then 74 random bits (RFC 9562, section 5.7).

    Those of one process sort in the order they were made, also within a millisecond or where the clock is set back
    a little: one that would not come after the last is the last plus a random step (section 6.2, method 2). So rows
    made by one transaction are read back in their order.
    """
    global _last
    made = time.time_ns() // 1_000_000 << 74 | int.from_bytes(os.urandom(10), "big") >> 6
    with _lock:
        if made <= _last < made + _AHEAD:
            made = _last + 1 + int.from_bytes(os.urandom(4), "big")
        _last = made
    milliseconds, rand_a, rand_b = made >> 74 & (1 << 48) - 1, made >> 62 & 0xFFF, made & (1 << 62) - 1
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0x2 << 62 | rand_b)


def earliest_at(moment: datetime) -> uuid.UUID:
    """What no key made at that moment or later is below: rows of a time are found by their key, without another index.

    The clock that makes keys is the machine's: leave room for one that is set otherwise.
    """
    return uuid.UUID(int=int(moment.timestamp() * 1_000) << 80)
