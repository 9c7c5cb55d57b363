"""A day of the lots: how long cars stood on which kind of space, and what was taken for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q

from parking.booking.models import ParkingReservation
from parking.figures import takings
from parking.stays.models import ParkingCharge, ParkingSession
from reports.parking.models import ParkingDay
from reports.rollups.base import VenueDay


def first_at(venue_id: UUID) -> datetime | None:
    began = ParkingSession.objects.filter(lot__venue=venue_id).aggregate(at=Min("started_at"))["at"]
    booked = ParkingReservation.objects.filter(capacity__lot__venue=venue_id).aggregate(at=Min("starts_at"))["at"]
    paid = ParkingCharge.objects.filter(lot__venue=venue_id).aggregate(at=Min("paid_at"))["at"]
    return min(filter(None, (began, booked, paid)), default=None)


def compute(day: VenueDay) -> list[ParkingDay]:
    """The rows of one day; three queries."""
    sums: dict[tuple[UUID, str], Counter[str]] = defaultdict(Counter)
    start, end = day.start, day.end
    began = Q(started_at__gte=start, started_at__lt=end)
    # Stays that began earlier, found by their end.
    stood = Q(ended_at__gt=start, started_at__lt=start)
    rows = ParkingSession.objects.filter(began | stood, lot__venue=day.venue_id).order_by()
    plain = rows.exclude(status=ParkingSession.Status.VOID).values_list(
        "lot_id", "capacity__kind", "started_at", "ended_at"
    )
    for lot, kind, came, left in plain.iterator(chunk_size=5_000):
        found = sums[lot, kind]
        if came >= start:
            found["stays"] += 1
        if left is None:
            continue
        if came >= start:
            found.update(ended=1, length=int((left - came).total_seconds()))
        found["car_seconds"] += seconds_within(came, left, start, end)
    for (lot, kind), amount in takings.by_kind(day.venue_id, start, end).items():
        sums[lot, kind]["taken"] += amount
    return [
        ParkingDay(venue_id=day.venue_id, day=day.day, currency=day.currency, lot_id=lot, kind=kind, **found)
        for (lot, kind), found in sums.items()
        if any(found.values())
    ]


def seconds_within(came: datetime, left: datetime, start: datetime, end: datetime) -> int:
    """How long of a stay lies between `start` and `end`, in whole seconds."""
    return max(int((min(left, end) - max(came, start)).total_seconds()), 0)
