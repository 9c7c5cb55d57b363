"""Pickup numbers: short enough to be called out, and nobody else's while their order is open."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

#: Three digits first; four where an outlet has this many orders open.
_SHORT, _LONG, _CROWDED = range(100, 1_000), range(1_000, 10_000), 600


def free(key: UUID, taken: Collection[int]) -> int:
    """A number that is not `taken`, begun from the random bits of `key`: one that was just called is rarely next.

    The database has the last word: two orders at the same moment may choose the same, and one of them asks again.
    """
    numbers = _SHORT if len(taken) < _CROWDED else _LONG
    start = key.int % len(numbers)
    turned = (*numbers[start:], *numbers[:start])
    found = next((number for number in turned if number not in taken), None)
    # Beyond any kitchen there is: then the numbers grow longer.
    return found if found is not None else max(taken) + 1
