"""When an outlet is open and a product is sold: by what staff say, by the venue's clock, by event.

A span of the clock is two times on the wall. One that begins on a day belongs to that day, however far past midnight
it runs; where clocks are put back, it lasts until its end is shown for the second time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from events.models import Event
from orders.errors import EventNeeded, NotForSale, OutletClosed
from orders.menu.models import Outlet, Product
from orders.menu.querysets import EVENTS_NOW
from venues.models import Venue

DAY = timedelta(days=1)


def is_open(outlet: Outlet, now: datetime) -> bool:
    """Whether it takes orders at `now`; `Outlet.objects.with_hours(now)` reads all that this asks."""
    if not (outlet.is_active and outlet.venue.is_active) or outlet.status == Outlet.Status.CLOSED:
        return False
    if outlet.hours == Outlet.Hours.EVENT:
        return bool(_events_now(outlet.venue, now))
    if outlet.hours == Outlet.Hours.CLOCK:
        zone = outlet.venue.zone
        return any(
            runs_at(now, zone, span.opens_at, span.closes_at, span.weekday) for span in outlet.opening_hours.all()
        )
    return True


def why_not(product: Product, now: datetime, events: Collection[UUID]) -> NotForSale | None:
    """Why the product is not sold at `now` to who comes for `events`; None: it is. Stock is another question."""
    outlet = product.outlet
    if not is_open(outlet, now):
        return OutletClosed(gettext("{outlet} is closed.").format(outlet=outlet.name))
    if not product.is_active:
        return NotForSale(gettext("{product} is not on sale.").format(product=product))
    if product.is_sold_out:
        return NotForSale(gettext("{product} is sold out.").format(product=product))
    parts = product.dayparts.all()
    if parts and not any(runs_at(now, outlet.venue.zone, part.starts_at, part.ends_at) for part in parts):
        return NotForSale(gettext("{product} is not sold at this time of day.").format(product=product))
    limits = {event.pk for event in product.events.all()}
    if limits and not events:
        return EventNeeded(
            gettext("{product} is sold for certain events. Say in `event` which one you come for.").format(
                product=product
            )
        )
    if limits and limits.isdisjoint(events):
        return NotForSale(gettext("{product} is not sold for this event.").format(product=product))
    return None


def runs_at(now: datetime, zone: ZoneInfo, begins: time, ends: time, weekday: int | None = None) -> bool:
    """Whether the span of the wall clock runs at `now`: of every day, or of one weekday (0 is Monday)."""
    today = now.astimezone(zone).date()
    return any(
        _instant(day, begins, zone, fold=0) <= now < _instant(day if ends > begins else day + DAY, ends, zone, fold=1)
        for day in (today - DAY, today)
        if weekday is None or day.weekday() == weekday
    )


def _instant(day: date, wall: time, zone: ZoneInfo, fold: int) -> datetime:
    return datetime.combine(day, wall, zone).replace(fold=fold).astimezone(UTC)


def _events_now(venue: Venue, now: datetime) -> Collection[Event]:
    read = getattr(venue, EVENTS_NOW, None)
    if read is not None:
        return read
    return list(venue.events.filter(status=Event.Status.PUBLISHED, doors_at__lte=now, ends_at__gt=now))
