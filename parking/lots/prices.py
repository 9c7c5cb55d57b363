"""What a lot's tariffs come to, for lists: in sentences, and from how much on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from parking.rates.fee import fee
from parking.rates.tariff import Tariff, parse
from parking.rates.words import describe


def words(written: dict[str, Any], currency: str) -> list[str]:
    """The tariff in sentences; none for none."""
    return list(_words(json.dumps(written, sort_keys=True), currency)) if written else []


def price_from(written: dict[str, Any], zone: ZoneInfo, multiplier_ppm: int, now: datetime) -> int | None:
    """What the shortest stay costs that is not free, if it began now, in minor units; None without a tariff.

    Before fees and tax, and without events, which may have a price of their own.
    """
    if not written:
        return None
    tariff = _tariff(json.dumps(written, sort_keys=True))
    ends_at = now + timedelta(minutes=max(tariff.grace_minutes, tariff.free_minutes) + 1)
    return fee(tariff, now, ends_at, zone, multiplier_ppm=multiplier_ppm).amount


@lru_cache(maxsize=1024)
def _tariff(source: str) -> Tariff:
    """Kept: a list of lots shows the same few again and again, and each is checked against its schema."""
    return parse(json.loads(source))


@lru_cache(maxsize=1024)
def _words(source: str, currency: str) -> tuple[str, ...]:
    return tuple(describe(_tariff(source), currency))
