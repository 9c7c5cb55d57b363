"""On which days an event is repeated, and what its times are there: by the venue's wall clock, across its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from events.models import Event
from events.series.errors import NoDates
from events.times import to_utc
from trufan.lib.errors import Detail

#: Copies of one request: a year of days.
MOST = 366
DAY, WEEK = "day", "week"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Rule:
    """Every day, or every week on these weekdays; so many times (`count`), or up to and with a day (`until`)."""

    every: str
    weekdays: tuple[str, ...] = ()
    count: int | None = None
    until: date | None = None

    def after(self, first: date) -> list[date]:
        """The days after `first`; without weekdays, every week on the weekday of `first`. Raises `NoDates`."""
        if (self.count is None) == (self.until is None):
            raise _wrong("rule.count", gettext("Say how many times (count), or until which day (until)."))
        if self.every == DAY and self.weekdays:
            raise _wrong("rule.weekdays", gettext("Weekdays are for every week."))
        found = list(islice(self._days(first), self.count or MOST + 1))
        if not found:
            raise _wrong("rule.until", gettext("There is no such day until then."))
        if len(found) > MOST:
            raise _wrong("rule.until", gettext("These are more than {most} days.").format(most=MOST))
        return found

    def _days(self, first: date) -> Iterator[date]:
        wanted = {WEEKDAYS.index(each) for each in self.weekdays} or {first.weekday()}
        last = self.until or first + timedelta(weeks=MOST + 1)
        for number in range(1, min((last - first).days, 7 * (MOST + 1)) + 1):
            day = first + timedelta(days=number)
            if self.every == DAY or day.weekday() in wanted:
                yield day


def checked(days: Sequence[date], source: date) -> list[date]:
    """The days in order, each once and none of them the event's own. Raises `NoDates` naming which are not."""
    wrong = [
        Detail(
            f"dates[{at}]",
            "duplicate",
            gettext("The event itself is on this day.") if day == source else gettext("Given twice."),
        )
        for at, day in enumerate(days)
        if day == source or day in days[:at]
    ]
    if wrong:
        raise NoDates(details=wrong)
    return sorted(days)


@dataclass(frozen=True)
class Times:
    """When one copy takes place, in UTC."""

    starts_at: datetime
    ends_at: datetime
    doors_at: datetime


def times_on(day: date, event: Event, field: str) -> Times:
    """The event's times on another day, as the wall clock shows them.

    Raises `Invalid` naming `field` where clocks skip the start on that day. An end or an opening of the doors that they
    skip or repeat keeps its distance from the start instead, where it would be out of order otherwise.
    """
    zone = event.venue.zone
    local = _wall(event.starts_at, zone)
    starts_at = to_utc(datetime.combine(day, local.time()), zone, field)
    ends_at = moved(event.ends_at, event, day)
    if ends_at <= starts_at:
        ends_at = starts_at + (event.ends_at - event.starts_at)
    doors_at = moved(event.doors_at, event, day)
    if doors_at > starts_at:
        doors_at = starts_at - (event.starts_at - event.doors_at)
    return Times(starts_at, ends_at, doors_at)


def moved(moment: datetime, event: Event, day: date) -> datetime:
    """A moment that belongs to the event, as far from the event that is on `day` as it was, on the wall clock.

    One that clocks skip there is the moment to which they are put forward.
    """
    zone = event.venue.zone
    apart = day - _wall(event.starts_at, zone).date()
    return (_wall(moment, zone) + apart).replace(tzinfo=zone).astimezone(UTC)


def day_of(event: Event) -> date:
    """The day on which it starts, by the venue's clock."""
    return _wall(event.starts_at, event.venue.zone).date()


def all_times(days: Iterable[date], event: Event) -> list[Times]:
    """The event's times on each of these days."""
    return [times_on(day, event, "dates") for day in days]


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _wrong(field: str, words: str) -> NoDates:
    return NoDates(words, details=[Detail(field, "invalid", words)])
