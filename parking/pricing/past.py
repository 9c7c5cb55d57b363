"""A lot's own past as readings: how many cars of one kind of space were there, from its stays."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Avg, F, Max, Min, Q

from events.models import Event
from parking.lots.models import ParkingCapacity
from parking.pricing.shows import Show
from parking.pricing.simulation import Reading
from parking.stays.models import ParkingSession
from parking.stays.querysets import SessionQuerySet

#: How far ahead of the period events are looked for: no rule looks further.
_AHEAD = timedelta(hours=720)
_CHUNK = 5_000


def stays(capacity: ParkingCapacity) -> SessionQuerySet:
    """Every stay that happened."""
    return ParkingSession.objects.filter(capacity=capacity).exclude(status=ParkingSession.Status.VOID)


def period(capacity: ParkingCapacity, now: datetime) -> tuple[datetime, datetime] | None:
    """From the first car until the last left, or until now; None where there never was one."""
    found = stays(capacity).aggregate(first=Min("started_at"), started=Max("started_at"), ended=Max("ended_at"))
    if found["first"] is None:
        return None
    there = stays(capacity).filter(ended_at=None).exists()
    return found["first"], now if there else min(max(found["started"], found["ended"]), now)


def average_minutes(capacity: ParkingCapacity, since: datetime, until: datetime) -> int | None:
    """How long the stays that began in the period took, a minute at least; None without any that is over."""
    over = stays(capacity).filter(started_at__gte=since, started_at__lt=until, ended_at__isnull=False)
    average = over.aggregate(average=Avg(F("ended_at") - F("started_at")))["average"]
    return None if average is None else max(round(average / timedelta(minutes=1)), 1)


def readings(capacity: ParkingCapacity, since: datetime, until: datetime, every: timedelta) -> Iterator[Reading]:
    """How many cars were there at `since` and every so long after it, up to `until`; one query, read in chunks."""
    spans = (
        stays(capacity)
        .filter(Q(ended_at=None) | Q(ended_at__gt=since), started_at__lte=until)
        .order_by("started_at")
        .values_list("started_at", "ended_at")
    )
    return count(spans.iterator(chunk_size=_CHUNK), since, until, every)


def count(
    spans: Iterable[tuple[datetime, datetime | None]], since: datetime, until: datetime, every: timedelta
) -> Iterator[Reading]:
    """From the spans, in order of their beginning; an end of None is still to come. A car is gone when it ends."""
    coming = iter(spans)
    ahead = next(coming, None)
    ends: list[datetime] = []
    endless, at = 0, since
    while at <= until:
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
