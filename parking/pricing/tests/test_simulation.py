"""The past replayed: what was seen, what would have been, and what it would have earned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.lots.models import ONE
from parking.pricing import report
from parking.pricing.shows import Show
from parking.pricing.simulation import STALE, Reading, reviews, simulate
from parking.pricing.tests.configurations import DEMAND, EVENT, configured
from parking.rates import tariff

NOON = datetime(2022, 10, 28, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HOURLY = tariff.parse({"version": 1, "base": {"type": "interval", "every": {"minutes": 60, "price": 200}}})


def minutes(number):
    return timedelta(minutes=number)


def steady(occupied, hours=6, every=15):
    return [Reading(NOON + minutes(every * n), occupied) for n in range(hours * 60 // every + 1)]


def replay(readings, configuration=None, spaces=100, **changes):
    how = {"zone": BERLIN, "elasticity": 0.4, "typical_minutes": 120, "currency": "EUR"} | changes
    return simulate(readings, spaces, configuration, HOURLY, **how)


def test_a_review_sees_the_last_reading_and_none_that_is_too_old():
    readings = [Reading(NOON + minutes(1), 5), Reading(NOON + minutes(20), 7), Reading(NOON + minutes(45), 9)]
    assert list(reviews(readings, minutes(15))) == [
        (NOON + minutes(15), 5), (NOON + minutes(30), 7), (NOON + minutes(45), 9),
    ]  # fmt: skip
    dark = [Reading(NOON, 5), Reading(NOON + STALE + minutes(60), 6)]
    assert list(reviews(dark, minutes(30)))[-3:] == [
        (NOON + STALE, 5), (NOON + STALE + minutes(30), None), (NOON + STALE + minutes(60), 6),
    ]  # fmt: skip
    assert list(reviews([], minutes(15))) == []


def test_readings_out_of_order_are_an_error():
    with pytest.raises(ValueError, match="order"):
        replay([Reading(NOON, 5), Reading(NOON - minutes(1), 5)])


@pytest.mark.parametrize("wrong", [{"spaces": 0}, {"typical_minutes": 0}, {"elasticity": -0.1}])
def test_a_simulation_of_nothing_is_an_error(wrong):
    with pytest.raises(ValueError, match="needs"):
        replay(steady(5), **wrong)


def test_without_a_configuration_the_proposed_is_what_was():
    found = replay(steady(90))
    assert {row.multiplier_ppm for row in found.rows} == {ONE}
    assert [row.occupied_simulated for row in found.rows] == [90] * len(found.rows)
    assert found.revenue_base == found.revenue_proposed > 0
    assert found.moves == 0


def test_each_span_earns_what_its_cars_pay_for_a_typical_stay():
    """80 cars of two hours: 10 are replaced in a quarter of an hour, and each pays 2 × 2.00."""
    first = replay(steady(80)).rows[0]
    assert (first.revenue_base, first.revenue_proposed) == (4_000, 4_000)


def test_a_full_lot_grows_dearer_emptier_and_earns_more_where_demand_is_inelastic():
    found = replay(steady(95), configured())
    assert [row.multiplier_ppm for row in found.rows[:4]] == [1_100_000, 1_200_000, 1_300_000, 1_300_000]
    assert found.rows[0].occupied_simulated == 95
    assert found.rows[-1].occupied_simulated < 80
    assert found.revenue_proposed > found.revenue_base


def test_the_first_span_is_reckoned_by_the_stated_elasticity():
    """10 % dearer with elasticity 1: a tenth and a bit fewer cars, so that all pay the same together."""
    found = replay(steady(80), configured(), elasticity=1.0)
    assert found.rows[0].multiplier_ppm == 1_100_000
    assert found.rows[0].revenue_proposed == found.rows[0].revenue_base == 4_000
    assert found.rows[1].occupied_simulated == pytest.approx(80 / 1.1)


def test_without_elasticity_cars_come_whatever_it_costs():
    found = replay(steady(95), configured(), elasticity=0.0)
    assert {row.occupied_simulated for row in found.rows} == {95}
    assert found.rows[-1].multiplier_ppm == 2_000_000
    assert found.rows[-1].revenue_proposed == 2 * found.rows[-1].revenue_base


def test_cheaper_prices_never_park_more_cars_than_there_are_spaces():
    high_bands = [{"from_percent": 100, "move": "hold"}, {"from_percent": 0, "move": "down"}]
    found = replay(steady(98), configured(occupancy=high_bands), elasticity=5.0)
    assert max(row.occupied_simulated for row in found.rows) == 100


def test_an_event_raises_the_price_before_its_doors():
    doors = NOON + timedelta(hours=4)
    show = Show("Opening Night", doors, doors + minutes(60), doors + minutes(240))
    found = replay(steady(70, hours=8), configured(event=[EVENT[0]]), shows=[show], elasticity=0.0)
    raised = [row.at for row in found.rows if row.multiplier_ppm >= 1_200_000]
    assert raised[0] == NOON + timedelta(hours=1, minutes=15)
    assert "event_near" in next(row for row in found.rows if row.at == raised[0]).causes


def test_demand_counts_the_cars_of_its_window():
    """50 of 100 spaces, replaced every two hours: 25 an hour come, once an hour has passed."""
    held = [{"from_percent": 0, "move": "hold"}]
    found = replay(steady(50), configured(occupancy=held, demand=DEMAND | {"up_from_percent": 25}), elasticity=0.0)
    assert next(row.at for row in found.rows if "demand" in row.causes) == NOON + minutes(60)
    calm = replay(steady(50), configured(occupancy=held, demand=DEMAND | {"up_from_percent": 26}), elasticity=0.0)
    assert calm.moves == 0


def test_what_is_not_known_is_skipped_and_earns_nothing():
    readings = [Reading(NOON, 50), Reading(NOON + timedelta(hours=8), 50)]
    found = replay(readings, configured())
    assert found.skipped == tuple(NOON + STALE + minutes(15 * n) for n in range(1, 8))
    assert len(found.rows) + len(found.skipped) == 33
    assert any("7 reviews left out" in line for line in report.totals(found))


def test_days_are_those_of_the_lots_clock_across_the_end_of_summer_time():
    start = datetime(2022, 10, 29, 22, tzinfo=UTC)
    readings = [Reading(start + minutes(15 * n), 50) for n in range(25 * 4 + 1)]
    days = {day.day: len(rows) for day, rows in report.by_day(replay(readings)).items()}
    assert days == {30: 100, 31: 1}


def test_the_report_has_a_line_for_each_day_and_says_what_it_stands_on():
    text = "\n".join(report.lines(replay(steady(95, hours=24), configured())))
    assert "Fri 28 Oct 2022" in text and "Sat 29 Oct 2022" in text and "in all" in text
    assert "constant elasticity −0.4" in text and "120 minutes" in text
    assert "× 1.1 – 1.9" in text and "× 1.9 " in text


@given(st.lists(st.integers(0, 130), min_size=2, max_size=80), st.floats(0, 3), st.integers(5, 600))
def test_no_past_leads_out_of_the_limits(cars, elasticity, stay):
    rules = configured(demand=DEMAND)
    readings = [Reading(NOON + minutes(15 * n), number) for n, number in enumerate(cars)]
    found = replay(readings, rules, elasticity=elasticity, typical_minutes=stay)
    assert len(found.rows) == len(cars)
    for row in found.rows:
        assert rules.floor_ppm <= row.multiplier_ppm <= rules.cap_ppm
        assert 0 <= row.occupied_simulated <= max(100, row.occupied_observed)
    assert found.revenue_proposed >= 0
