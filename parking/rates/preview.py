"""What a tariff comes to for stays of usual lengths: the table that its operator looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from parking.rates.fee import ONE, EventWindow, fee
from parking.rates.tariff import Tariff
from parking.rates.words import span
from trufan.lib.money import show

MINUTES = (10, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2 * 1440, 3 * 1440, 7 * 1440)


@dataclass(frozen=True)
class Row:
    """One length of stay, its price in minor units, and the same in words."""

    minutes: int
    label: str
    amount: int
    shown: str


def preview(
    tariff: Tariff,
    zone: ZoneInfo,
    currency: str,
    now: datetime,
    *,
    multiplier_ppm: int = ONE,
    events: Sequence[EventWindow] = (),
) -> list[Row]:
    """What stays that begin at `now` would cost."""
    rows = []
    for minutes in MINUTES:
        ends_at = now + timedelta(minutes=minutes)
        price = fee(tariff, now, ends_at, zone, multiplier_ppm=multiplier_ppm, events=events).amount
        rows.append(Row(minutes, span(minutes), price, show(price, currency)))
    return rows
