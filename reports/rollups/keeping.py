"""Keeping rollups up to date: marks when something happens, counted again before anybody reads.

A day is always computed whole, by one function, from the source rows, so that keeping up and rebuilding cannot differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from reports.models import StaleMark
from reports.rollups.base import Rollup, VenueDay, noon_of, rollups, venue_day
from trufan.lib.appending import append
from venues.models import Venue

#: Marks taken at once by a sweep.
BATCH = 5_000
_DAY = timedelta(days=1)
Marks = dict[tuple[str, date], list[UUID]]


def mark(topic: str, venue_id: UUID, *moments: datetime) -> None:
    """What happened at these moments is to be counted. At most one statement, in the caller's transaction.

    Each rollup of the topic has a mark of its own, so that whoever reads one does not wait for the others.
    """
    append(*(StaleMark(rollup=each.name, venue_id=venue_id, at=at) for each in rollups(topic) for at in moments))


def mark_every_day(venue: Venue, now: datetime) -> None:
    """Every day of the venue is to be counted anew, by every rollup: its clock is another one.

    So are the days before the first and after the last, on which the former clock may have had something.
    """
    moments = (
        (each.name, noon_of(day, venue.zone))
        for each in rollups()
        if (days := [found.day for found in days_of(each, venue, now)])
        for day in (days[0] - _DAY, *days, days[-1] + _DAY)
    )
    StaleMark.objects.bulk_create(
        (StaleMark(rollup=name, venue_id=venue.pk, at=at) for name, at in moments), batch_size=BATCH
    )


def refresh(name: str, venue_ids: Collection[UUID], since: date, until: date) -> int:
    """Count what was marked of a rollup for these days of these venues; how many days that were.

    One query where nothing was.
    """
    # By any clock on earth the day lies within these moments.
    start = datetime(since.year, since.month, since.day, tzinfo=UTC) - _DAY
    end = datetime(until.year, until.month, until.day, tzinfo=UTC) + 2 * _DAY
    marks = StaleMark.objects.filter(venue_id__in=venue_ids, rollup=name, at__gte=start, at__lt=end)
    return _count(list(marks.values_list("rollup", "venue_id", "at", "id")))


def sweep(now: datetime) -> int:
    """Count what was marked anywhere, the oldest marks first; how many days were counted."""
    return _count(list(StaleMark.objects.order_by("id").values_list("rollup", "venue_id", "at", "id")[:BATCH]))


def days_of(rollup: Rollup, venue: Venue, now: datetime) -> Iterator[VenueDay]:
    """Each day from the first that the rollup has anything of, up to today or the last that it has."""
    first = rollup.first_at(venue.pk)
    if first is None:
        return
    latest = max(filter(None, (now, rollup.last_at and rollup.last_at(venue.pk))))
    day, last = first.astimezone(venue.zone).date(), latest.astimezone(venue.zone).date()
    while day <= last:
        yield venue_day(venue, day)
        day += _DAY


def rebuild(rollup: Rollup, day: VenueDay) -> bool:
    """Compute the day anew; whether anything was different."""
    with transaction.atomic():
        _hold(rollup, day)
        return _replace(rollup, day)


def differs(rollup: Rollup, day: VenueDay) -> bool:
    """Whether the day's rows are not what they would be if they were computed now."""
    return _kept(rollup, day) != rollup.model.values_of(rollup.compute(day))


def _count(found: list[tuple[str, UUID, datetime, UUID]]) -> int:
    if not found:
        return 0
    venues = Venue.objects.in_bulk({venue_id for _, venue_id, _, _ in found})
    known = {each.name: each for each in rollups()}
    days: dict[tuple[str, VenueDay], list[UUID]] = defaultdict(list)
    # Of a venue or a rollup that is no more.
    orphans = []
    for name, venue_id, at, pk in found:
        venue = venues.get(venue_id)
        if venue is None or name not in known:
            orphans.append(pk)
        else:
            days[name, venue_day(venue, at.astimezone(venue.zone).date())].append(pk)
    for (name, day), marks in days.items():
        with transaction.atomic():
            _hold(known[name], day)
            _replace(known[name], day)
            # These marks and no later ones: they were read before the day was.
            StaleMark.objects.filter(pk__in=marks).delete()
    StaleMark.objects.filter(pk__in=orphans).delete()
    return len(days)


def _replace(rollup: Rollup, day: VenueDay) -> bool:
    rows = rollup.compute(day)
    old, new = _kept(rollup, day), rollup.model.values_of(rows)
    if old == new:
        return False
    rollup.model._default_manager.filter(venue_id=day.venue_id, day=day.day).delete()
    rollup.model._default_manager.bulk_create(rows)
    return True


def _kept(rollup: Rollup, day: VenueDay) -> list[tuple[object, ...]]:
    return rollup.model.values_of(rollup.model._default_manager.filter(venue_id=day.venue_id, day=day.day))


def _hold(rollup: Rollup, day: VenueDay) -> None:
    """Two who count the same day do so one after the other. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        digest = sha256(f"reports:{rollup.name}:{day.venue_id}:{day.day}".encode()).digest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])
