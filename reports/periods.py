"""Stretches of days that people ask for by name, and those that they are compared with."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models

_DAY = timedelta(days=1)
#: No report is asked for more at once: three years, one of them a leap year.
LONGEST = 3 * 366


class Preset(models.TextChoices):
    """Days by name, as seen from one day."""

    TODAY = "today", "today"
    YESTERDAY = "yesterday", "yesterday"
    LAST_7 = "last_7_days", "last 7 days"
    LAST_30 = "last_30_days", "last 30 days"
    LAST_WEEK = "last_week", "last week"
    THIS_MONTH = "this_month", "this month"
    LAST_MONTH = "last_month", "last month"
    THIS_YEAR = "this_year", "this year"
    LAST_YEAR = "last_year", "last year"


class Comparison(models.TextChoices):
    """What a period is compared with."""

    PREVIOUS = "previous", "the days before"
    LAST_YEAR = "last_year", "the year before"


@dataclass(frozen=True)
class Period:
    """Days of the venue's clock, both included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


def of(preset: str, today: date) -> Period:
    """The days of that name. Those of the last 7 and 30 end with today."""
    match Preset(preset):
        case Preset.TODAY:
            return Period(today, today)
        case Preset.YESTERDAY:
            return Period(today - _DAY, today - _DAY)
        case Preset.LAST_7:
            return Period(today - 6 * _DAY, today)
        case Preset.LAST_30:
            return Period(today - 29 * _DAY, today)
        case Preset.LAST_WEEK:
            monday = today - timedelta(days=today.weekday() + 7)
            return Period(monday, monday + 6 * _DAY)
        case Preset.THIS_MONTH:
            return Period(today.replace(day=1), today)
        case Preset.LAST_MONTH:
            last = today.replace(day=1) - _DAY
            return Period(last.replace(day=1), last)
        case Preset.THIS_YEAR:
            return Period(today.replace(month=1, day=1), today)
        case Preset.LAST_YEAR:
            return Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))


def compared(period: Period, how: str) -> Period:
    """The days that the period is compared with: as many just before it, or the same dates of the year before.

    A whole month is compared with the whole month before it, however long that one is.
    """
    if how == Comparison.LAST_YEAR:
        return Period(_year_before(period.since), _year_before(period.until))
    if _is_month(period):
        return of(Preset.LAST_MONTH, period.since)
    return Period(period.since - period.days * _DAY, period.since - _DAY)


def _is_month(period: Period) -> bool:
    first, last = period.since, period.until
    return first == last.replace(day=1) and last.day == monthrange(last.year, last.month)[1]


def _year_before(day: date) -> date:
    """29 February becomes the 28th."""
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))
