"""How full a lot was, by the hour of the clock: averages over the time that really passed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parking.figures.occupancy import Occupancy, Stay

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def at(zone: ZoneInfo, *when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=zone, fold=fold).astimezone(UTC)


def test_a_car_that_stays_half_of_an_hour_fills_half_of_it() -> None:
    found = Occupancy(at(BERLIN, 2026, 6, 1), at(BERLIN, 2026, 6, 2), BERLIN)

    found.add([(at(BERLIN, 2026, 6, 1, 10, 30), at(BERLIN, 2026, 6, 1, 12))])

    assert {hour: cars for hour, cars in found.by_hour.items() if cars} == {(0, 10): 0.5, (0, 11): 1.0}
    assert found.by_day[date(2026, 6, 1)].average == pytest.approx(1.5 / 24)


def test_an_hour_of_the_week_is_averaged_over_its_weeks() -> None:
    found = Occupancy(at(BERLIN, 2026, 6, 1), at(BERLIN, 2026, 6, 15), BERLIN)

    found.add([(at(BERLIN, 2026, 6, 1, 10), at(BERLIN, 2026, 6, 1, 11))] * 4)

    assert found.by_hour[0, 10] == 2


def test_the_hour_that_is_skipped_in_spring_has_no_time_of_that_day() -> None:
    day = Occupancy(at(BERLIN, 2026, 3, 29), at(BERLIN, 2026, 3, 30), BERLIN)

    day.add([(at(BERLIN, 2026, 3, 29, 1), at(BERLIN, 2026, 3, 29, 4))])

    assert (6, 2) not in day.by_hour
    assert (day.by_hour[6, 1], day.by_hour[6, 3], day.by_hour[6, 4]) == (1, 1, 0)
    assert day.by_day[date(2026, 3, 29)].hours == 23


def test_the_hour_that_is_repeated_in_autumn_counts_both_times() -> None:
    day = Occupancy(at(NEW_YORK, 2026, 11, 1), at(NEW_YORK, 2026, 11, 2), NEW_YORK)

    day.add([(at(NEW_YORK, 2026, 11, 1, 1, fold=0), at(NEW_YORK, 2026, 11, 1, 1, fold=1))])

    assert day.by_hour[6, 1] == 0.5
    assert day.by_day[date(2026, 11, 1)].hours == 25


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"])
def test_clocks_that_are_no_whole_hours_from_utc_are_read_right(zone: str) -> None:
    place = ZoneInfo(zone)
    day = Occupancy(at(place, 2026, 10, 4), at(place, 2026, 10, 5), place)

    day.add([(at(place, 2026, 10, 4, 10), at(place, 2026, 10, 4, 11))])

    assert {hour: cars for hour, cars in day.by_hour.items() if cars} == {(6, 10): 1}


def test_stays_that_begin_before_and_end_after_are_counted_as_far_as_they_reach_in() -> None:
    day = Occupancy(at(BERLIN, 2026, 6, 2), at(BERLIN, 2026, 6, 3), BERLIN)

    day.add([(at(BERLIN, 2026, 5, 1), at(BERLIN, 2026, 7, 1)), (at(BERLIN, 2026, 5, 1), at(BERLIN, 2026, 6, 2))])

    assert set(day.by_hour.values()) == {1}
    assert day.stays == 0
    assert day.average_stay is None


def test_the_sums_are_those_of_counting_second_by_second() -> None:
    dice = random.Random(7)
    since = at(NEW_YORK, 2026, 10, 31)
    until = since + timedelta(days=3)
    stays: list[Stay] = []
    for _ in range(400):
        began = since + timedelta(seconds=dice.randrange(-40_000, 280_000))
        stays.append((began, began + timedelta(seconds=dice.randrange(0, 90_000))))

    found = Occupancy(since, until, NEW_YORK).add(stays)

    overlap = sum(max((min(b, until) - max(a, since)).total_seconds(), 0) for a, b in stays)
    assert sum(day.average * day.hours for day in found.by_day.values()) * 3600 == pytest.approx(overlap)
    noon = at(NEW_YORK, 2026, 11, 1, 12)
    brute = sum(max((min(b, noon + timedelta(hours=1)) - max(a, noon)).total_seconds(), 0) for a, b in stays) / 3600
    assert found.by_hour[6, 12] == pytest.approx(brute)


def test_how_long_cars_stayed() -> None:
    day = Occupancy(at(BERLIN, 2026, 6, 1), at(BERLIN, 2026, 6, 2), BERLIN)
    nine = at(BERLIN, 2026, 6, 1, 9)

    day.add([(nine, nine + timedelta(hours=hours)) for hours in (1, 2, 6)])

    assert (day.stays, day.average_stay, day.middle_stay) == (3, timedelta(hours=3), timedelta(hours=2))


def test_nothing_in_no_time() -> None:
    moment = at(BERLIN, 2026, 6, 1)
    nothing = Occupancy(moment, moment, BERLIN).add([(moment, moment + timedelta(hours=1))])
    assert (nothing.by_hour, nothing.by_day, nothing.stays) == ({}, {}, 0)
