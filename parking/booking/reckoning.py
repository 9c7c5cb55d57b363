"""What a space costs for a window: the tariff in force, the multiplier of the moment, and the events in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from events.models import Event
from parking.errors import LotNotReady
from parking.lots.models import ONE, ParkingCapacity, ParkingLot
from parking.pricing.models import PriceChange
from parking.rates.fee import EventWindow, Fee, fee
from parking.rates.tariff import parse
from parking.rates.words import describe


@dataclass(frozen=True)
class Reckoned:
    """A price, by which tariff and multiplier it came about, and why in words."""

    fee: Fee
    tariff: dict[str, Any]
    multiplier_ppm: int
    words: Sequence[str]

    @property
    def parts(self) -> list[dict[str, Any]]:
        return parts_of(self.fee)


def reckon(
    capacity: ParkingCapacity, starts_at: datetime, ends_at: datetime, event: Event | None, now: datetime
) -> Reckoned:
    """What the window costs now; a query where events have a price, and one where prices moved.

    Raises `LotNotReady` for a lot without a tariff: there is no price that nobody chose.
    """
    written = capacity.tariff_in_force
    if not written:
        raise LotNotReady(gettext("{lot} has no prices yet.").format(lot=capacity.lot))
    price = price_of(written, capacity.lot, starts_at, ends_at, multiplier_ppm=capacity.multiplier_ppm, event=event)
    words = [*describe(parse(written), capacity.lot.currency), *_why(capacity)]
    return Reckoned(price, written, capacity.multiplier_ppm, words)


def price_of(
    written: dict[str, Any],
    lot: ParkingLot,
    starts_at: datetime,
    ends_at: datetime,
    *,
    multiplier_ppm: int,
    event: Event | None,
) -> Fee:
    """The same by a tariff and a multiplier that were kept."""
    shows = windows(written, lot, starts_at, ends_at, event)
    return fee(parse(written), starts_at, ends_at, lot.zone, multiplier_ppm=multiplier_ppm, events=shows)


def windows(
    written: dict[str, Any], lot: ParkingLot, starts_at: datetime, ends_at: datetime, event: Event | None
) -> list[EventWindow]:
    """The event that the space is for, else the venue's published ones whose price could hold in the window."""
    rates = written.get("event")
    if not rates:
        return []
    if event is not None:
        return [EventWindow(event.name, event.doors_at, event.ends_at)]
    found = Event.objects.published().filter(
        venue=lot.venue_id,
        doors_at__lt=ends_at + timedelta(minutes=rates["minutes_before_doors"]),
        ends_at__gt=starts_at - timedelta(minutes=rates["minutes_after_end"]),
    )
    return [EventWindow(each.name, each.doors_at, each.ends_at) for each in found.order_by("doors_at", "pk")]


def parts_of(price: Fee) -> list[dict[str, Any]]:
    """The parts as offers and changes keep them."""
    return [{"kind": part.kind, "words": part.words, "amount": part.amount} for part in price.parts]


def _why(capacity: ParkingCapacity) -> list[str]:
    """Why prices are moved just now, in the words of the last change."""
    if capacity.multiplier_ppm == ONE:
        return []
    last = PriceChange.objects.filter(capacity=capacity).order_by("-at", "-id").first()
    return [last.words] if last else []
