"""Days of a rule, and times on the wall clock across its changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from events.models import Event
from events.series.dates import Rule, checked, times_on
from events.series.errors import NoDates
from trufan.lib.errors import Invalid
from venues.models import Venue

NEW_YORK = ZoneInfo("America/New_York")
FRIDAY = date(2027, 3, 5)


def event(starts: str, ends: str, doors: str) -> Event:
    """By the wall clock of New York."""
    venue = Venue(time_zone="America/New_York")
    utc = [datetime.fromisoformat(each).replace(tzinfo=NEW_YORK).astimezone(UTC) for each in (starts, ends, doors)]
    return Event(venue=venue, starts_at=utc[0], ends_at=utc[1], doors_at=utc[2])


def test_weeks_go_on_the_same_weekday_and_days_every_day():
    assert Rule("week", count=2).after(FRIDAY) == [date(2027, 3, 12), date(2027, 3, 19)]
    assert Rule("week", ("sat", "mon"), until=date(2027, 3, 13)).after(FRIDAY) == [
        date(2027, 3, 6), date(2027, 3, 8), date(2027, 3, 13),
    ]  # fmt: skip
    assert len(Rule("day", count=366).after(FRIDAY)) == 366
    assert len(Rule("week", ("fri",), count=366).after(FRIDAY)) == 366


@pytest.mark.parametrize(
    "rule",
    [
        Rule("week"),
        Rule("week", count=1, until=FRIDAY),
        Rule("day", ("mon",), count=1),
        Rule("day", until=FRIDAY),
        Rule("day", until=date(2028, 4, 1)),
        Rule("week", ("mon",), until=date(2027, 3, 7)),
    ],
)
def test_a_rule_that_comes_to_nothing_or_too_much_is_refused(rule):
    with pytest.raises(NoDates):
        rule.after(FRIDAY)


def test_days_are_given_once_and_are_not_the_events_own():
    assert checked([date(2027, 3, 9), date(2027, 3, 8)], FRIDAY) == [date(2027, 3, 8), date(2027, 3, 9)]
    with pytest.raises(NoDates) as refused:
        checked([date(2027, 3, 8), FRIDAY, date(2027, 3, 8)], FRIDAY)
    assert [each.field for each in refused.value.details] == ["dates[1]", "dates[2]"]


def test_the_wall_clock_stays_when_clocks_change():
    show = event("2027-03-05T19:30", "2027-03-05T22:30", "2027-03-05T18:30")
    before, after = times_on(date(2027, 3, 13), show, "dates"), times_on(date(2027, 3, 14), show, "dates")
    assert before.starts_at == datetime(2027, 3, 14, 0, 30, tzinfo=UTC)
    assert after.starts_at == datetime(2027, 3, 14, 23, 30, tzinfo=UTC)
    assert after.ends_at.astimezone(NEW_YORK).hour == 22


def test_a_start_that_clocks_skip_is_refused_and_an_end_moves():
    late = event("2027-03-05T02:30", "2027-03-05T04:00", "2027-03-05T02:00")
    with pytest.raises(Invalid):
        times_on(date(2027, 3, 14), late, "dates")
    over = event("2027-03-05T22:00", "2027-03-06T02:30", "2027-03-05T21:00")
    times = times_on(date(2027, 3, 13), over, "dates")
    assert times.ends_at.astimezone(NEW_YORK) == datetime(2027, 3, 14, 3, 30, tzinfo=NEW_YORK)


def test_where_clocks_are_put_back_the_order_stays():
    short = event("2026-11-01T01:45", "2026-11-01T01:50", "2026-11-01T01:45")
    short.ends_at = datetime(2026, 11, 1, 6, 15, tzinfo=UTC)  # 01:15, the second time round
    times = times_on(date(2026, 11, 8), short, "dates")
    assert times.ends_at - times.starts_at == short.ends_at - short.starts_at
    assert times.doors_at <= times.starts_at
