"""A lot's own past, from its stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.pricing import past
from parking.pricing.simulation import Reading
from parking.stays.models import ParkingSession
from parking.stays.tests.parked import park
from trufan.testing import CapacityFactory, EventFactory

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def stayed(capacity, begins, minutes=None):
    """A car that came so many minutes after noon; `minutes` long, or still there."""
    stay = park(capacity, minutes=0, now=NOON + timedelta(minutes=begins))
    if minutes is not None:
        stay.move(ParkingSession.Status.ENDED, ended_at=stay.started_at + timedelta(minutes=minutes))
    return stay


def counts(capacity, until=60):
    found = past.readings(capacity, NOON, NOON + timedelta(minutes=until), QUARTER)
    return [reading.occupied for reading in found]


def test_cars_are_counted_from_when_they_come_until_they_go(capacity):
    stayed(capacity, -30, 45)
    stayed(capacity, 10, 20)
    stayed(capacity, 15)
    assert counts(capacity) == [1, 2, 1, 1]


def test_what_never_happened_and_other_kinds_are_not_counted(capacity):
    turned = stayed(capacity, 0)
    turned.move(ParkingSession.Status.VOID, ended_at=NOON + timedelta(hours=1))
    stayed(CapacityFactory(lot=capacity.lot, kind="ev"), 0)
    assert counts(capacity) == [0, 0, 0, 0]


def test_the_past_is_read_by_one_query(capacity, django_assert_num_queries):
    for begins in range(12):
        stayed(capacity, begins, 30)
    with django_assert_num_queries(1):
        assert counts(capacity) == [1, 12, 11, 0]


def test_the_period_begins_with_the_first_car_and_ends_now(capacity):
    assert past.period(capacity, None, None, NOON) is None
    stayed(capacity, -90, 30)
    first = NOON - timedelta(minutes=90)
    assert past.period(capacity, None, None, NOON) == (first, NOON)
    assert past.period(capacity, NOON - QUARTER, NOON + QUARTER, NOON) == (NOON - QUARTER, NOON)
    assert past.period(capacity, NOON - timedelta(days=9), NOON - QUARTER, NOON) == (first, NOON - QUARTER)


def test_the_average_is_of_stays_that_are_over(capacity):
    assert past.average_minutes(capacity, NOON, NOON + QUARTER) is None
    stayed(capacity, 0, 30)
    stayed(capacity, 1, 91)
    stayed(capacity, 2)
    stayed(capacity, 20, 600)
    assert past.average_minutes(capacity, NOON, NOON + QUARTER) == 60


def test_events_that_were_never_on_are_not_felt(capacity, other_venue):
    venue = capacity.lot.venue
    times = {"doors_at": NOON, "starts_at": NOON + QUARTER, "ends_at": NOON + 8 * QUARTER}
    for name, status in (("Played", "completed"), ("On", "published"), ("Off", "cancelled"), ("Idea", "draft")):
        EventFactory(venue=venue, name=name, status=status, **times)
    EventFactory(venue=other_venue, name="Elsewhere", **times)
    assert sorted(show.name for show in past.shows(capacity, NOON, NOON + QUARTER)) == ["On", "Played"]


spans = st.lists(st.tuples(st.integers(-300, 300), st.one_of(st.none(), st.integers(0, 400))), max_size=30)


@given(spans)
def test_counting_in_passing_is_counting_each_moment(given_spans):
    found = sorted(
        (
            (NOON + timedelta(minutes=begins), None if length is None else NOON + timedelta(minutes=begins + length))
            for begins, length in given_spans
        ),
        key=lambda span: span[0],
    )
    moments = [NOON + n * QUARTER for n in range(12)]
    expected = [
        Reading(at, sum(begins <= at and (ends is None or ends > at) for begins, ends in found)) for at in moments
    ]
    assert list(past.count(found, NOON, NOON + 12 * QUARTER, QUARTER)) == expected


@pytest.mark.parametrize("until", [NOON, NOON - QUARTER])
def test_a_time_that_is_none_has_no_readings(until):
    assert list(past.count([], NOON, until, QUARTER)) == []
