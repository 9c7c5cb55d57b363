"""What holds of every tariff, every stay and every clock."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from parking.rates import days
from parking.rates.fee import fee
from parking.rates.tariff import parse
from parking.rates.tests.minutes import by_the_minute
from parking.rates.tests.tariffs import ZONES, entries, shows, tariffs

stays = {
    "written": tariffs(),
    "entry": entries,
    "zone": st.sampled_from(ZONES),
    "ppm": st.integers(500_000, 2_500_000),
    "spans": st.lists(st.tuples(st.integers(-600, 9_000), st.integers(30, 400)), max_size=3),
}
lengths = st.integers(0, 8_000)


@settings(max_examples=400)
@given(**stays, minutes=st.tuples(lengths, lengths).map(sorted))
def test_a_longer_stay_never_costs_less_and_parts_always_add_up(written, entry, zone, ppm, spans, minutes):
    tariff, events = parse(written), shows(entry, spans)
    shorter, longer = (
        fee(tariff, entry, entry + timedelta(minutes=length), zone, multiplier_ppm=ppm, events=events)
        for length in minutes
    )
    assert 0 <= shorter.amount <= longer.amount
    for each in (shorter, longer):
        assert sum(part.amount for part in each.parts) == each.amount


@settings(max_examples=400)
@given(**stays, minutes=lengths)
def test_no_day_costs_more_than_its_maximum(written, entry, zone, ppm, spans, minutes):
    written = {"day": "calendar", "daily_maximum": 1_000, **written, "minimum": 0}
    tariff, ends = parse(written), entry + timedelta(minutes=minutes)
    begun = list(days.of(tariff, entry + timedelta(minutes=tariff.free_minutes), ends, zone))
    price = fee(tariff, entry, ends, zone, multiplier_ppm=ppm, events=shows(entry, spans)).amount
    assert price <= len(begun) * tariff.daily_maximum


@settings(max_examples=200)
@given(**stays, steps=st.lists(st.integers(1, 1_500), min_size=1, max_size=6))
def test_extended_step_by_step_it_costs_what_it_costs_at_once(written, entry, zone, ppm, spans, steps):
    tariff, events = parse(written), shows(entry, spans)

    def price(minutes: int) -> int:
        ends = entry + timedelta(minutes=minutes)
        return fee(tariff, entry, ends, zone, multiplier_ppm=ppm, events=events).amount

    paid = minutes = 0
    for step in steps:
        minutes += step
        paid += max(price(minutes) - paid, 0)
    assert paid == price(sum(steps))


@settings(max_examples=200)
@given(
    entry=entries, zone=st.sampled_from(ZONES), hours=st.integers(1, 400), day=st.sampled_from(["calendar", "rolling"])
)
def test_days_follow_one_another_without_a_gap(entry, zone, hours, day):
    tariff = parse({"version": 1, "base": {"type": "flat", "price": 1}, "day": day})
    ends = entry + timedelta(hours=hours)
    found = list(days.of(tariff, entry, ends, zone))
    assert (found[0].starts_at, found[-1].ends_at) == (entry, ends)
    for before, after in pairwise(found):
        assert before.ends_at == after.starts_at
        if day == "calendar":
            assert (
                before.ends_at.astimezone(zone).date() > (before.ends_at - timedelta(seconds=1)).astimezone(zone).date()
            )
    assert all(timedelta(0) < window.ends_at - window.starts_at <= timedelta(hours=25) for window in found)


@settings(max_examples=300)
@given(**stays, length=st.integers(0, 3_000))
def test_a_price_is_what_one_finds_by_looking_at_every_minute(written, entry, zone, ppm, spans, length):
    """The same rules reckoned another way: minute by minute, each with the interval that runs in it."""
    tariff, events = parse(written), shows(entry, spans)
    ends = entry + timedelta(minutes=length)
    price = fee(tariff, entry, ends, zone, multiplier_ppm=ppm, events=events)
    assert price.amount == by_the_minute(tariff, entry, ends, zone, ppm, events)
