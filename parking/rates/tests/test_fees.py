"""Prices reckoned by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from parking.rates import days
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


@pytest.mark.parametrize("base", [{"type": "flat", "price": 500}, HOURLY["base"], TIERED["base"]])
def test_a_second_is_begun_and_costs_what_the_first_hour_does(base):
    assert price({"version": 1, "base": base}, FRIDAY, 1 / 60) == 500


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


def test_what_was_free_is_shown_as_long_as_it_was():
    tariff = parse({**HOURLY, "free_minutes": 30})

    def parts(minutes: int) -> list[tuple[str, datetime, datetime]]:
        made = fee(tariff, FRIDAY, FRIDAY + timedelta(minutes=minutes), NEW_YORK).parts
        return [(part.kind, part.starts_at, part.ends_at) for part in made]

    began = FRIDAY.astimezone(UTC)
    assert parts(20) == [("free", began, began + timedelta(minutes=20))]
    assert parts(30) == [("free", began, began + timedelta(minutes=30))], "and nothing that is charged"
    assert parts(45)[0] == ("free", began, began + timedelta(minutes=30))
    assert len(parts(45)) > 1


def test_the_daily_maximum_is_shown_where_it_takes_something_off():
    tariff = parse({**HOURLY, "day": "rolling", "daily_maximum": 700})

    def kinds(minutes: int) -> list[str]:
        return [part.kind for part in fee(tariff, FRIDAY, FRIDAY + timedelta(minutes=minutes), NEW_YORK).parts]

    assert kinds(90) == ["base"], "just as much as the maximum"
    assert kinds(91) == ["base", "daily_maximum"]


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


@pytest.mark.parametrize("base", [
    {"type": "flat", "price": 2_000},
    {"type": "interval", "first": {"minutes": 720, "price": 2_000}, "every": {"minutes": 60, "price": 500}},
    {"type": "tiers", "tiers": [{"up_to_minutes": 720, "price": 2_000}], "then": {"minutes": 60, "price": 500}},
])  # fmt: skip
def test_a_minute_of_a_night_does_not_buy_the_day_at_the_price_of_the_night(base):
    tariff = {"version": 1, "base": base, "overnight": {"from": "18:00", "until": "08:00", "price": 1_000}}
    early = FRIDAY.replace(hour=7, minute=59)
    assert price(tariff, early, 1) == 1_000
    assert price(tariff, early, 2) == price(tariff, early, 600) == price(tariff, FRIDAY.replace(hour=8), 600) == 2_000


def test_a_flat_price_is_paid_once_however_many_nights_it_lasts():
    tariff = {
        "version": 1,
        "base": {"type": "flat", "price": 2_000},
        "overnight": {"from": "18:00", "until": "08:00", "price": 1_000},
    }
    assert price(tariff, FRIDAY.replace(hour=7, minute=59), 10 * 1_440) == 2_000


def test_what_is_begun_in_a_night_and_used_on_many_days_is_moved_out_of_it_once():
    tiers = [
        {"up_to_minutes": 30, "price": 100},
        {"up_to_minutes": 120, "price": 1_600},
        {"up_to_minutes": 4_320, "price": 2_100},
    ]
    base = {"type": "tiers", "tiers": tiers, "then": {"minutes": 60, "price": 500}}
    tariff = {"version": 1, "base": base, "overnight": {"from": "18:00", "until": "08:00", "price": 1_000}}
    # 1.00 before the night, 10.00 instead of 15.00 in it, and 5.00 for what lasts from 19:30 for days.
    assert price(tariff, FRIDAY.replace(hour=17, minute=30), 4_320) == 100 + 1_000 + 500


@pytest.mark.parametrize("base", [
    {"type": "interval", "first": {"minutes": 60, "price": 500}, "every": {"minutes": 60, "price": 200}},
    {"type": "tiers", "tiers": [{"up_to_minutes": 60, "price": 500}], "then": {"minutes": 60, "price": 200}},
    {
        "type": "tiers",
        "tiers": [{"up_to_minutes": 60, "price": 500}, {"up_to_minutes": 120, "price": 700}],
        "then": {"minutes": 60, "price": 200},
    },
])  # fmt: skip
def test_an_interval_that_ends_with_the_night_is_the_nights(base):
    tariff = {"version": 1, "base": base, "overnight": {"from": "18:00", "until": "08:00", "price": 100}}
    assert price(tariff, FRIDAY.replace(hour=7), 120) == 100 + 200


def test_what_is_begun_in_an_event_and_used_after_it_is_paid_besides():
    tariff = {
        "version": 1,
        "base": {"type": "flat", "price": 2_000},
        "event": {"price": 500, "minutes_before_doors": 60, "minutes_after_end": 60},
    }
    show = [EventWindow("Show", FRIDAY, FRIDAY + timedelta(hours=2))]
    assert price(tariff, FRIDAY, 180, events=show) == 500
    assert price(tariff, FRIDAY, 181, events=show) == 2_500


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


HOUR_BY_HOUR: dict[str, Any] = {
    "version": 1,
    "base": {"type": "interval", "every": {"minutes": 60, "price": 100}},
}


@pytest.mark.parametrize(
    ("month", "day", "hours"),
    [(6, 1, 10), (3, 7, 9), (10, 31, 11)],  # an ordinary night, clocks put forward, clocks put back
)
def test_a_night_has_the_hours_that_pass_in_it(month, day, hours):
    evening = datetime(2026, month, day, 22, 0, tzinfo=NEW_YORK)
    morning = (evening + timedelta(days=1)).replace(hour=8)
    assert fee(parse(HOUR_BY_HOUR), evening, morning, NEW_YORK).amount == hours * 100


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 7, 6), (10, 31, 8)])
def test_a_night_ends_by_the_clock_on_the_wall_also_when_clocks_change(month, day, hours):
    """An hour before it and one after it are paid by time, however many hours it has."""
    night = {**HOUR_BY_HOUR, "overnight": {"from": "22:00", "until": "03:00", "price": 10}}
    evening = datetime(2026, month, day, 21, 0, tzinfo=NEW_YORK)
    morning = (evening + timedelta(days=1)).replace(hour=4)
    assert (morning.astimezone(UTC) - evening.astimezone(UTC)) == timedelta(hours=hours)
    assert fee(parse(night), evening, morning, NEW_YORK).amount == 100 + 10 + 100


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"),
    [
        (NEW_YORK, date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),  # skipped
        (ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        (NEW_YORK, date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # comes twice
    ],
)
def test_a_time_that_is_skipped_is_when_it_is_skipped_and_one_that_comes_twice_the_first(zone, day, clock, instant):
    assert days.at_wall(day, clock, zone) == instant


def test_the_day_on_which_clocks_are_put_forward_has_23_hours():
    hourly = {**HOUR_BY_HOUR, "day": "calendar", "daily_maximum": 10_000}
    saturday, monday = datetime(2026, 3, 7, 23, 0, tzinfo=NEW_YORK), datetime(2026, 3, 9, 0, 0, tzinfo=NEW_YORK)
    assert fee(parse(hourly), saturday, monday, NEW_YORK).amount == 100 + 23 * 100


def test_the_worked_example_of_the_documentation():
    """A show on Saturday, a night in which clocks are put forward, out on Sunday at a quarter past nine."""
    page = (Path(__file__).parents[3] / "docs" / "parking.md").read_text()
    tariff = parse(json.loads(page.split("```json")[1].split("```")[0]))
    saturday, sunday = datetime(2026, 3, 7, 15, 0, tzinfo=NEW_YORK), datetime(2026, 3, 8, 9, 15, tzinfo=NEW_YORK)
    show = [EventWindow("Show", saturday.replace(hour=19), saturday.replace(hour=22))]
    found = fee(tariff, saturday, sunday, NEW_YORK, events=show)
    assert [(part.kind, part.amount) for part in found.parts] == [
        ("event", 3_000), ("base", 900), ("overnight", 400), ("daily_maximum", -300),
        ("base", 600), ("overnight", 600),
    ]  # fmt: skip
    assert found.amount == 5_200
    assert "together | **5200**" in page and "4000 + 1440 = 5440" in page
    assert fee(tariff, saturday, sunday, NEW_YORK, events=show, multiplier_ppm=1_200_000).amount == 4_000 + 1_440


def test_a_stay_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        fee(parse(HOURLY), FRIDAY, FRIDAY - timedelta(minutes=1), NEW_YORK)


def test_a_multiplier_of_nothing_makes_a_stay_free():
    assert fee(parse(HOURLY), FRIDAY, FRIDAY + timedelta(hours=2), NEW_YORK, multiplier_ppm=0).amount == 0


def test_a_time_without_a_zone_and_a_multiplier_below_zero_are_mistakes():
    with pytest.raises(ValueError, match="without a zone"):
        fee(parse(HOURLY), FRIDAY.replace(tzinfo=None), FRIDAY, NEW_YORK)
    with pytest.raises(ValueError, match="below zero"):
        fee(parse(HOURLY), FRIDAY, FRIDAY, NEW_YORK, multiplier_ppm=-1)


def test_the_operator_sees_what_usual_stays_cost():
    rows = {row.label: row.shown for row in preview(parse(HOURLY), NEW_YORK, "USD", FRIDAY)}
    assert (rows["an hour"], rows["2 hours"], rows["a day"]) == ("$5.00", "$9.00", "$97.00")
