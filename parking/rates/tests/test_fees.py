"""Prices reckoned by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parking.rates.fee import EventWindow, fee
from parking.rates.preview import preview
from parking.rates.tariff import parse
from parking.rates.tests.tariffs import BERLIN, HOURLY, NEW_YORK, TIERED

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=NEW_YORK)


def price(written: dict[str, Any], entry: datetime, minutes: float, **more: Any) -> int:
    return fee(parse(written), entry, entry + timedelta(minutes=minutes), entry.tzinfo, **more).amount


@pytest.mark.parametrize(
    ("minutes", "amount"), [(0, 0), (1, 500), (60, 500), (60.02, 700), (90, 700), (91, 900), (1_440, 500 + 46 * 200)]
)
def test_a_first_hour_and_each_half_hour_begun(minutes, amount):
    assert price(HOURLY, FRIDAY, minutes) == amount


@pytest.mark.parametrize(
    ("minutes", "amount"), [(1, 500), (60, 500), (61, 1_200), (180, 1_200), (181, 1_500), (300, 1_800)]
)
def test_tiers_say_the_whole_price_up_to_their_length(minutes, amount):
    assert price(TIERED, FRIDAY, minutes) == amount


def test_a_flat_price_is_for_the_stay_or_for_each_day_begun():
    flat = {"version": 1, "base": {"type": "flat", "price": 2_000}}
    assert price(flat, FRIDAY, 3 * 1_440) == 2_000
    assert price({**flat, "day": "rolling"}, FRIDAY, 1_441) == 4_000
    assert price({**flat, "day": "calendar"}, FRIDAY, 13 * 60) == 4_000


def test_who_leaves_within_the_grace_period_pays_nothing_and_who_does_not_pays_from_the_entry():
    assert price({**HOURLY, "grace_minutes": 10}, FRIDAY, 10) == 0
    assert price({**HOURLY, "grace_minutes": 10}, FRIDAY, 11) == 500


def test_a_free_period_moves_the_beginning():
    assert price({**HOURLY, "free_minutes": 30}, FRIDAY, 30) == 0
    assert price({**HOURLY, "free_minutes": 30}, FRIDAY, 90) == 500


def test_who_pays_pays_at_least_the_minimum():
    cheap = {"version": 1, "base": {"type": "interval", "every": {"minutes": 10, "price": 50}}, "minimum": 300}
    assert [price(cheap, FRIDAY, minutes) for minutes in (0, 5, 60, 70)] == [0, 300, 300, 350]


def test_a_day_costs_at_most_its_maximum_and_then_begins_anew():
    daily = {**HOURLY, "daily_maximum": 2_000, "day": "rolling"}
    assert [price(daily, FRIDAY, hours * 60) for hours in (24, 25, 48)] == [2_000, 2_500, 4_000]


def test_a_night_costs_at_most_its_price_and_never_makes_a_stay_dearer():
    night = {**HOURLY, "overnight": {"from": "18:00", "until": "08:00", "price": 1_000}}
    # Eighteen minutes before and after six: one first hour, as without a night.
    assert price(night, FRIDAY.replace(hour=17, minute=42), 36) == 500
    # From noon: six hours for 25.00, then the night for 10.00, then half an hour for 2.00.
    assert price(night, FRIDAY, 20 * 60 + 30) == 500 + 10 * 200 + 1_000 + 200


def test_what_falls_into_an_event_costs_its_price_once():
    written = {**HOURLY, "event": {"price": 3_000, "minutes_before_doors": 120, "minutes_after_end": 60}}
    show = [EventWindow("Show", FRIDAY + timedelta(hours=6), FRIDAY + timedelta(hours=10))]
    entry = FRIDAY + timedelta(hours=5)
    assert price(written, entry, 6 * 60, events=show) == 3_000
    assert price(written, entry, 6 * 60 + 30, events=show) == 3_200
    # An hour before the event's window begins is paid by time.
    assert price(written, FRIDAY + timedelta(hours=3), 60 + 1, events=show) == 500 + 3_000


def test_the_multiplier_moves_the_price_and_not_its_maximum():
    daily = {**HOURLY, "daily_maximum": 1_000, "day": "rolling"}
    assert price(daily, FRIDAY, 60, multiplier_ppm=1_250_000) == 625
    assert price(daily, FRIDAY, 90, multiplier_ppm=1_250_000) == 875
    assert price(daily, FRIDAY, 600, multiplier_ppm=1_250_000) == 1_000


def test_the_day_on_which_clocks_are_put_back_has_25_hours():
    daily = {**HOURLY, "daily_maximum": 2_000, "day": "calendar"}
    saturday = datetime(2026, 10, 24, 22, 0, tzinfo=BERLIN)
    stay = parse(daily)
    # Two hours of Saturday, then Sunday from midnight to midnight, by the wall.
    sunday_ends = datetime(2026, 10, 26, 0, 0, tzinfo=BERLIN)
    price_of_stay = fee(stay, saturday, sunday_ends, BERLIN)
    assert (sunday_ends.astimezone(UTC) - saturday.astimezone(UTC)) == timedelta(hours=27)
    assert price_of_stay.amount == 900 + 2_000
    assert fee(stay, saturday, sunday_ends + timedelta(minutes=1), BERLIN).amount == 900 + 2_000 + 500


def test_a_night_in_which_an_hour_is_skipped_is_shorter():
    hourly = {"version": 1, "base": {"type": "interval", "every": {"minutes": 60, "price": 100}}}
    evening = datetime(2026, 3, 28, 22, 0, tzinfo=BERLIN)
    morning = datetime(2026, 3, 29, 8, 0, tzinfo=BERLIN)
    assert fee(parse(hourly), evening, morning, BERLIN).amount == 900


def test_a_stay_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        fee(parse(HOURLY), FRIDAY, FRIDAY - timedelta(minutes=1), NEW_YORK)


def test_the_operator_sees_what_usual_stays_cost():
    rows = {row.label: row.shown for row in preview(parse(HOURLY), NEW_YORK, "USD", FRIDAY)}
    assert (rows["an hour"], rows["2 hours"], rows["a day"]) == ("$5.00", "$9.00", "$97.00")
