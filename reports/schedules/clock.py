"""When a schedule is due: an hour on the venue's wall, whatever its clocks do that night."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reports.schedules.models import ReportSchedule

Cadence = ReportSchedule.Cadence
_DAY = timedelta(days=1)


def following(row: ReportSchedule, after: datetime, zone: ZoneInfo) -> datetime:
    """The first due time later than `after`.

    An hour that a clock skips is taken as many minutes later as it skips; of one that comes twice, the first counts.
    """
    return next(moment for moment in _moments(row, after, zone) if moment > after)


def _moments(row: ReportSchedule, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    day = after.astimezone(zone).date() - _DAY
    while True:
        if _is_day(row, day):
            yield datetime.combine(day, time(row.hour), zone).astimezone(UTC)
        day += _DAY


def _is_day(row: ReportSchedule, day: date) -> bool:
    if row.cadence == Cadence.WEEKLY:
        return day.weekday() == row.weekday
    if row.cadence == Cadence.MONTHLY:
        return day.day == min(row.month_day, monthrange(day.year, day.month)[1])
    return True
