"""Events as prices see them: when doors open, when it starts, when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Show:
    """Aware times, in this order."""

    name: str
    doors_at: datetime
    starts_at: datetime
    ends_at: datetime


def hours_to_doors(shows: Iterable[Show], now: datetime) -> float | None:
    """Hours until the next doors open; 0 from then until the show starts, for that is when cars come.

    None where nothing is to come.
    """
    ahead = [max((show.doors_at - now).total_seconds(), 0) / 3600 for show in shows if show.starts_at > now]
    return min(ahead, default=None)
