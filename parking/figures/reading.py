"""The figures of one lot for a period: read in a fixed number of queries, whatever happened in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Min, Q, Sum

from parking.figures import takings
from parking.figures.occupancy import QUARTER, Occupancy, Stay
from parking.lots.models import ParkingLot
from parking.stays.models import ParkingSession
from trufan.lib.errors import Invalid

#: The longest period that is asked for at once, and the one that is shown unasked.
LONGEST, USUAL = timedelta(days=366), timedelta(days=28)


@dataclass(frozen=True)
class Period:
    """Days of the venue's clock, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, today: date) -> Period:
        """Up to today and four weeks long where nothing else is said. Raises `Invalid` for one that is none."""
        last = last or max(today, first or today)
        first = first or last - USUAL + timedelta(days=1)
        if first > last:
            raise Invalid.field("last", "The last day comes before the first.", "ends_before_start")
        if last - first >= LONGEST:
            raise Invalid.field("last", f"At most {LONGEST.days} days at once.", "too_long")
        if first > today:
            raise Invalid.field("first", "These days are still to come.", "in_future")
        return cls(first, last)


@dataclass(frozen=True)
class Figures:
    """Of the whole period, and by day. Money is in minor units; None where the reader may see none."""

    occupancy: Occupancy
    spaces: int
    takings: dict[date, int] | None
    has_stays: bool

    @property
    def space_hours(self) -> float:
        return self.spaces * sum(day.hours for day in self.occupancy.by_day.values())

    @property
    def taken(self) -> int:
        return sum((self.takings or {}).values())

    def per_space_hour(self, day: date) -> float:
        """Minor units and their fractions that each space took in each hour of `day`."""
        seen = self.occupancy.by_day.get(day)
        return (self.takings or {}).get(day, 0) / (self.spaces * seen.hours) if seen and self.spaces else 0.0

    @property
    def turnover(self) -> float:
        """Stays for each space and 24 hours."""
        return 24 * self.occupancy.stays / self.space_hours if self.space_hours else 0.0


def figures(lot: ParkingLot, period: Period, now: datetime, *, with_money: bool) -> Figures:
    """At most five queries. Looked at is what is past: from when the lot was there, until now."""
    until = min(takings.midnight(period.last + timedelta(days=1), lot.zone), now).astimezone(UTC)
    since = max(takings.midnight(period.first, lot.zone), _there_since(lot)).astimezone(UTC)
    occupancy = Occupancy(_quarter(since), until, lot.zone).add(_stays(lot, since, until, now))
    return Figures(
        occupancy=occupancy,
        spaces=lot.capacities.aggregate(sum=Sum("spaces"))["sum"] or 0,
        takings=takings.by_day(lot, since, until) if with_money else None,
        has_stays=occupancy.stays > 0 or any(day.most for day in occupancy.by_day.values()),
    )


def _there_since(lot: ParkingLot) -> datetime:
    """When it was set up, or its first car came: days before that would make every average too low."""
    first = lot.sessions.exclude(status=ParkingSession.Status.VOID).aggregate(first=Min("started_at"))["first"]
    begin = min(first or lot.created_at, lot.created_at)
    return takings.midnight(begin.astimezone(lot.zone).date(), lot.zone)


def _quarter(moment: datetime) -> datetime:
    """The quarter of an hour that it lies in."""
    return datetime.fromtimestamp(moment.timestamp() // QUARTER.total_seconds() * QUARTER.total_seconds(), UTC)


def _stays(lot: ParkingLot, since: datetime, until: datetime, now: datetime) -> Iterator[Stay]:
    rows = (
        ParkingSession.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), lot=lot, started_at__lt=until)
        .exclude(status=ParkingSession.Status.VOID)
        .order_by()
        .values_list("started_at", "ended_at")
    )
    for began, ended in rows.iterator(chunk_size=5_000):
        yield began, ended or max(now, began)
