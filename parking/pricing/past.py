"""A lot's own past as readings: how many cars of one kind of space were there, from its stays."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Avg, F, Min, Q

from events.models import Event
from parking.lots.models import ParkingCapacity
from parking.pricing.shows import Show
from parking.pricing.simulation import Reading, at_or_after
from parking.stays.models import ParkingSession
from parking.stays.querysets import SessionQuerySet

#: How far ahead of the period events are looked for: no rule looks further.
_AHEAD = timedelta(hours=720)
_CHUNK = 5_000


def stays(capacity: ParkingCapacity) -> SessionQuerySet:
    """Every stay that happened."""
    return ParkingSession.objects.filter(capacity=capacity).exclude(status=ParkingSession.Status.VOID)


def period(
    capacity: ParkingCapacity, since: datetime | None, until: datetime | None, now: datetime
) -> tuple[datetime, datetime] | None:
    """What of the asked time is past: from the first car on, until now. None where there never was a car."""
    first = stays(capacity).aggregate(first=Min("started_at"))["first"]
    if first is None:
        return None
    return max(since or first, first), min(until or now, now)


def average_minutes(capacity: ParkingCapacity, since: datetime, until: datetime) -> int | None:
    """How long the stays that began in the period took, a minute at least; None without any that is over."""
    over = stays(capacity).filter(started_at__gte=since, started_at__lt=until, ended_at__isnull=False)
    average = over.aggregate(average=Avg(F("ended_at") - F("started_at")))["average"]
    return None if average is None else max(round(average / timedelta(minutes=1)), 1)


def readings(capacity: ParkingCapacity, since: datetime, until: datetime, every: timedelta) -> Iterator[Reading]:
    """How many cars were there from `since` on, every so long, until just before `until`; one query, read in chunks.

    The moments are those of the reviews.
    """
    spans = (
        stays(capacity)
        .filter(Q(ended_at=None) | Q(ended_at__gt=since), started_at__lt=until)
        .order_by("started_at")
        .values_list("started_at", "ended_at")
    )
    return count(spans.iterator(chunk_size=_CHUNK), at_or_after(since, every), until, every)


def count(
    spans: Iterable[tuple[datetime, datetime | None]], since: datetime, until: datetime, every: timedelta
) -> Iterator[Reading]:
    """From the spans, in order of their beginning; an end of None is still to come. A car is gone when it ends."""
    coming = iter(spans)
    ahead = next(coming, None)
    ends: list[datetime] = []
    endless, at = 0, since
    while at < until:
        while ahead is not None and ahead[0] <= at:
            if ahead[1] is None:
                endless += 1
            else:
                heapq.heappush(ends, ahead[1])
            ahead = next(coming, None)
        while ends and ends[0] <= at:
            heapq.heappop(ends)
        yield Reading(at, len(ends) + endless)
        at += every


def shows(capacity: ParkingCapacity, since: datetime, until: datetime) -> list[Show]:
    """The events of its venue that the period could feel, but for those that were never on; one query."""
    on = (Event.Status.PUBLISHED, Event.Status.COMPLETED)
    rows = Event.objects.filter(
        venue=capacity.lot.venue_id, status__in=on, ends_at__gt=since - _AHEAD, doors_at__lt=until + _AHEAD
    )
    return [Show(*row) for row in rows.order_by("doors_at").values_list("name", "doors_at", "starts_at", "ends_at")]
