"""When an outlet is open: by the venue's clock, past midnight and across changes of the clock, and by event."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from events.models import Event
from orders.menu.availability import is_open, runs_at
from orders.menu.models import OpeningHours, Outlet

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-07-03T21:59", False),  # Friday 17:59 in New York
        ("2026-07-03T22:00", True),
        ("2026-07-04T03:59", True),  # Friday 23:59
        ("2026-07-04T04:00", True),  # Saturday midnight: still Friday's span
        ("2026-07-04T05:29", True),
        ("2026-07-04T05:30", False),
        ("2026-07-04T22:30", False),  # Saturday evening
    ],
)
def test_a_span_of_friday_runs_past_midnight(moment, open_):
    assert runs_at(at(moment), NEW_YORK, time(18), time(1, 30), weekday=4) is open_


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-01T04:59", False),  # Sunday 00:59 EDT; clocks go back at 2:00
        ("2026-11-01T05:00", True),  # 01:00 EDT, the first time
        ("2026-11-01T06:00", True),  # 01:00 EST, the second time
        ("2026-11-01T06:29", True),
        ("2026-11-01T06:30", False),  # 01:30 EST
    ],
)
def test_clocks_put_back_lengthen_the_night(moment, open_):
    assert runs_at(at(moment), NEW_YORK, time(1), time(1, 30), weekday=6) is open_


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-03-08T06:59", True),  # 01:59 EST; clocks go forward at 2:00
        ("2026-03-08T07:00", True),  # 03:00 EDT
        ("2026-03-08T07:59", True),
        ("2026-03-08T08:00", False),  # 04:00 EDT
    ],
)
def test_clocks_put_forward_shorten_it(moment, open_):
    assert runs_at(at(moment), NEW_YORK, time(22), time(4), weekday=5) is open_


def test_the_same_time_twice_is_a_whole_day():
    for hour in range(24):
        assert runs_at(at(f"2026-07-03T{hour:02}:30"), NEW_YORK, time(6), time(6))


@pytest.mark.django_db
def test_an_outlet_by_the_clock_is_open_in_any_of_its_spans(grill):
    Outlet.objects.update(hours="clock")
    OpeningHours.objects.create(outlet=grill, weekday=4, opens_at=time(11), closes_at=time(14))
    OpeningHours.objects.create(outlet=grill, weekday=4, opens_at=time(18), closes_at=time(2))
    outlet = Outlet.objects.get()
    friday = at("2026-07-03T04:00")
    open_at = [hour for hour in range(30) if is_open(outlet, friday + timedelta(hours=hour))]
    assert open_at == [11, 12, 13, *range(18, 26)]


@pytest.mark.django_db
def test_an_outlet_by_event_is_open_from_doors_to_end_of_published_events(grill, event, django_assert_num_queries):
    Outlet.objects.update(hours="event")

    def open_(moment):
        with django_assert_num_queries(3):
            return is_open(Outlet.objects.with_hours(moment).get(), moment)

    second = timedelta(seconds=1)
    assert not open_(event.doors_at - second)
    assert open_(event.doors_at)
    assert open_(event.ends_at - second)
    assert not open_(event.ends_at)
    assert is_open(Outlet.objects.get(), event.doors_at), "without what with_hours reads, it asks itself"
    Event.objects.update(status="cancelled")
    assert not open_(event.doors_at)


@pytest.mark.django_db
@pytest.mark.parametrize("hours", ["always", "clock", "event"])
def test_who_says_closed_is_closed(grill, event, hours):
    OpeningHours.objects.create(outlet=grill, weekday=timezone.now().weekday(), opens_at=time(0), closes_at=time(0))
    Outlet.objects.update(hours=hours, status="closed")
    assert not is_open(Outlet.objects.get(), timezone.now())
