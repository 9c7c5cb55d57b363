"""Days and nights of a stay, as windows of time that is right across the changes of summer time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parking.rates.tariff import Day, Tariff

DAY = timedelta(days=1)


class Window(NamedTuple):
    """From one instant, included, until another, excluded; both in UTC."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Window) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def of(tariff: Tariff, begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[Window]:
    """The stay day by day: by the lot's midnights, by 24 hours from its beginning, or, without a `day`, as one."""
    if tariff.day is None:
        yield Window(begins, ends)
        return
    at = begins
    while at < ends:
        until = min(_next(tariff.day, at, zone), ends)
        yield Window(at, until)
        at = until


def nights(tariff: Tariff, begins: datetime, ends: datetime, zone: ZoneInfo) -> list[Window]:
    """Every night that the stay touches, in order."""
    if tariff.overnight is None:
        return []
    first = begins.astimezone(zone).date() - DAY
    last = ends.astimezone(zone).date()
    found = []
    for number in range((last - first).days + 1):
        evening = first + number * DAY
        morning = evening if tariff.overnight.starts < tariff.overnight.ends else evening + DAY
        night = Window(at_wall(evening, tariff.overnight.starts, zone), at_wall(morning, tariff.overnight.ends, zone))
        if night.starts_at < night.ends_at and night.starts_at < ends and night.ends_at > begins:
            found.append(night)
    return found


def at_wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which the clock shows that time; one that is skipped is where clocks are put forward."""
    local = datetime.combine(day, clock, tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _transition(instant, zone)


def _transition(near: datetime, zone: ZoneInfo) -> datetime:
    """The moment within a day around `near` at which the offset grows, to the minute."""
    first = near - DAY
    before = first.astimezone(zone).utcoffset()

    def has_changed(minute: int) -> bool:
        return (first + timedelta(minutes=minute)).astimezone(zone).utcoffset() != before

    return first + timedelta(minutes=bisect_left(range(2 * 24 * 60), True, key=has_changed))


def _next(day: Day, at: datetime, zone: ZoneInfo) -> datetime:
    if day == Day.ROLLING:
        return at + DAY
    tomorrow = at.astimezone(zone).date() + DAY
    return at_wall(tomorrow, time(0), zone)
