"""What a stay owes: by the tariff of its entry, the same in any number of steps, and no less for staying too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.models import ParkingCharge, ParkingSession
from parking.rates.tests.tariffs import ZONES, entries, tariffs
from parking.stays import charging, extending, fees
from parking.stays.tests.parked import arrive, fresh, park, reserve
from payments.tests.factories import OrderFactory
from trufan.testing import CapacityFactory, EventFactory, LotFactory, VenueFactory, examples

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def pay(stay, now):
    return charging.pay(fresh(stay), payer=None, payment_method="pm_card_visa", now=now)


def extend(stay, until, now):
    return extending.extend(fresh(stay), until, payer=None, payment_method="pm_card_visa", now=now)


def sum_paid(stay) -> int:
    return fees.settled_of(stay).price


def test_without_an_end_the_time_until_now_is_due(capacity, django_assert_num_queries):
    stay = fresh(park(capacity, minutes=70, now=NOON))
    with django_assert_num_queries(1):
        due = fees.due(stay, NOON)
    assert (due.amount, due.price, due.paid, due.kind, due.covers_until) == (700, 700, 0, "stay", NOON)
    assert sum(part["amount"] for part in due.parts) == 700


def test_tariff_and_multiplier_are_those_of_the_entry(lot, capacity):
    capacity.multiplier_ppm = 1_500_000
    stay = park(capacity, minutes=70, now=NOON)
    lot.tariff = {"version": 1, "base": {"type": "flat", "price": 9_900}}
    lot.save()
    type(capacity).objects.filter(pk=capacity.pk).update(multiplier_ppm=1_000_000)
    assert fees.due(fresh(stay), NOON).amount == 1_050


def test_a_prepaid_stay_owes_its_whole_time_until_it_is_paid_and_then_nothing(capacity):
    stay = park(capacity, minutes=0, until=120, now=NOON)
    due = fees.due(fresh(stay), NOON)
    assert (due.amount, due.covers_until) == (900, NOON + minutes(120))

    pay(stay, NOON)
    assert (sum_paid(stay), fresh(stay).leave_by) == (900, None)
    assert [fees.due(fresh(stay), NOON + minutes(at)).amount for at in (1, 119, 120, 130)] == [0, 0, 0, 0]


def test_beyond_its_grace_overstaying_costs_its_percentage_from_the_end_on(capacity):
    stay = park(capacity, minutes=0, until=120, now=NOON)
    pay(stay, NOON)
    # Ten minutes of grace; after them every begun half hour costs half as much again.
    late = fees.due(fresh(stay), NOON + minutes(135))
    assert (late.amount, late.kind, late.price, late.paid) == (300, "overstay", 1_200, 900)
    assert [part["kind"] for part in late.parts] == ["overstay"]
    pay(stay, NOON + minutes(135))
    assert fees.due(fresh(stay), NOON + minutes(149)).amount == 0
    assert fees.due(fresh(stay), NOON + minutes(155)).amount == 300


def test_a_reservation_is_paid_by_its_order_and_owes_what_it_outstays(capacity, fay):
    booked = reserve(capacity, OrderFactory(venue=capacity.lot.venue, user=fay), NOON, NOON + minutes(120), 900)
    stay = arrive(booked, NOON - minutes(20))
    assert [fees.due(fresh(stay), NOON + minutes(at)).amount for at in (-10, 60, 128)] == [0, 0, 0]
    late = fees.due(fresh(stay), NOON + minutes(131))
    assert (late.amount, late.paid, late.price) == (300, 900, 1_200)


def test_a_percentage_below_the_tariff_is_no_reason_to_overstay(lot, capacity):
    stay = park(capacity, minutes=0, until=120, now=NOON)
    pay(stay, NOON)
    ParkingSession.objects.update(overstay_percent=50)
    assert fees.due(fresh(stay), NOON + minutes(135)).amount == 200


def test_after_paying_for_overstaying_more_time_is_bought_at_the_tariff(capacity):
    stay = park(capacity, minutes=0, until=120, now=NOON)
    pay(stay, NOON)
    pay(stay, NOON + minutes(135))
    extend(stay, NOON + minutes(210), NOON + minutes(140))

    longer = ParkingCharge.objects.get(kind="extension")
    # From 120 to 150 was outstayed and paid at one and a half; from there two half hours more.
    assert longer.price == 400
    assert fees.due(fresh(stay), NOON + minutes(215)).amount == 0
    assert fees.due(fresh(stay), NOON + minutes(225)).amount == 300


def test_a_free_extension_after_paid_overstaying_owes_nothing_anew(capacity):
    stay = park(capacity, minutes=0, until=120, now=NOON)
    pay(stay, NOON)
    pay(stay, NOON + minutes(135))
    assert extend(stay, NOON + minutes(150), NOON + minutes(140)) is None
    assert fresh(stay).expires_at == NOON + minutes(150)
    assert fees.due(fresh(stay), NOON + minutes(145)).amount == 0


def test_the_events_of_the_night_have_their_price(lot, capacity, event):
    lot.tariff |= {"event": {"price": 3_000, "minutes_before_doors": 60, "minutes_after_end": 30}}
    lot.save()
    event = EventFactory(venue=lot.venue, starts_at=NOON + minutes(60), doors_at=NOON)
    elsewhere = EventFactory(starts_at=NOON + minutes(60))
    stay = fresh(park(capacity, minutes=30, now=NOON))
    assert [each.name for each in fees._events(stay, stay.started_at, NOON)] == [event.name]
    ParkingSession.objects.update(event=elsewhere)
    assert [each.name for each in fees._events(fresh(stay), stay.started_at, NOON)] == [elsewhere.name]


def _park(tariff: dict, entry: datetime, zone: str, multiplier: int = 1_000_000, **facts):
    """A car on a lot that is never full."""
    lot = LotFactory(venue=VenueFactory(time_zone=zone), tariff=tariff, overstay_percent=130)
    capacity = CapacityFactory(lot=lot, spaces=1_000, multiplier_ppm=multiplier)
    if "until" in facts:
        facts["until"] = entry + minutes(facts["until"])
    return park(capacity, minutes=0, now=entry, **facts)


_zones = st.sampled_from([zone.key for zone in ZONES])
_multipliers = st.integers(500_000, 2_500_000)
_for_any_stay = settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])


@_for_any_stay
@given(tariff=tariffs(), entry=entries, zone=_zones, multiplier=_multipliers, prepaid=st.integers(1, 2_000),
       steps=st.lists(st.integers(1, 900), max_size=4), leaves=st.integers(0, 100))  # fmt: skip
def test_prepaid_and_extended_in_any_steps_it_adds_up_to_the_price_at_once(
    db, tariff, entry, zone, multiplier, prepaid, steps, leaves
):
    stay = _park(tariff, entry, zone, multiplier, until=prepaid)
    pay(stay, entry)
    until = entry + minutes(prepaid)
    for step in steps:
        extend(stay, until + minutes(step), until - minutes(1) if step % 2 else until)
        until += minutes(step)
    stay = fresh(stay)
    assert stay.expires_at == until
    assert sum_paid(stay) == fees.price(stay, until).amount
    assert fees.due(stay, max(entry, until - minutes(leaves))).amount == 0


@_for_any_stay
@given(tariff=tariffs(), entry=entries, zone=_zones, multiplier=_multipliers,
       steps=st.lists(st.integers(1, 900), min_size=1, max_size=6))  # fmt: skip
def test_paid_on_foot_in_any_steps_it_adds_up_to_the_price_at_once(db, tariff, entry, zone, multiplier, steps):
    stay = _park(tariff, entry, zone, multiplier)
    moment = entry
    for step in steps:
        moment += minutes(step)
        pay(stay, moment)
    stay = fresh(stay)
    whole, owed = fees.price(stay, moment).amount, fees.due(stay, moment).owed
    # What is owed all the same fell into the grace of the payment before, and is free until that is over.
    assert sum_paid(stay) + owed == whole
    assert not owed or moment <= stay.leave_by < moment + minutes(15)
    later = max(stay.leave_by, moment) + minutes(1)
    pay(stay, later)
    assert sum_paid(stay) == fees.price(fresh(stay), later).amount


@_for_any_stay
@given(tariff=tariffs(), entry=entries, zone=_zones, prepaid=st.integers(1, 900), late=st.integers(11, 2_000),
       percent=st.integers(0, 300))  # fmt: skip
def test_overstaying_is_never_cheaper_than_extending(db, tariff, entry, zone, prepaid, late, percent):
    stay = _park(tariff, entry, zone, until=prepaid)
    pay(stay, entry)
    ParkingSession.objects.filter(pk=stay.pk).update(overstay_percent=percent)
    stay = fresh(stay)
    left = entry + minutes(prepaid + late)
    in_time = fees.extension(stay, left, entry + minutes(prepaid)).amount
    assert fees.due(stay, left).amount >= in_time
