"""Prices of real lots: what a review sees, writes and leaves alone, and which lots the sweep looks at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from orders.models import Order
from parking.lots.models import ONE, ParkingCapacity, ParkingLot
from parking.pricing.models import PriceChange
from parking.pricing.reviewing import review, review_due
from parking.pricing.tests.configurations import DEMAND, EVENT, GIVEN
from parking.spaces import taking
from parking.stays.models import ParkingSession
from parking.stays.tests.parked import park, reserve
from trufan.lib import sweeps
from trufan.lib.errors import Invalid
from trufan.testing import CapacityFactory, EventFactory, LotFactory, at_once

Purpose = taking.Purpose
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def follows(capacity):
    """Twenty spaces whose prices follow demand by the example's rules."""

    def configure(**changes):
        ParkingLot.objects.filter(pk=capacity.lot_id).update(pricing=GIVEN | changes)
        capacity.refresh_from_db()
        return capacity

    configure()
    return configure


def taken(capacity, now, quantity, purpose=Purpose.SESSION, **more):
    return taking.put(capacity, now - HOUR, now + HOUR, purpose, quantity=quantity, **more)


def test_a_full_lot_moves_up_one_step_and_it_is_written_down(capacity, follows, now):
    taken(capacity, now, 16, is_inside=True)
    change = review(capacity, now)
    capacity.refresh_from_db()
    assert (capacity.multiplier_ppm, capacity.reviewed_at) == (1_100_000, now)
    stored = PriceChange.objects.get()
    assert stored == change
    assert (stored.old_ppm, stored.new_ppm, stored.at, stored.causes) == (ONE, 1_100_000, now, ["occupancy_high"])
    assert stored.words == "Occupancy is 80 %, at or over 80 %: 10 % up, to 1.1 times the base price."
    assert stored.facts == {
        "occupied": 16, "spaces": 20, "hours_to_doors": None, "arrivals": 0, "changed_last_hour_ppm": 0,
    }  # fmt: skip
    audit = AuditLog.objects.get(action="parking_capacity.price_moved")
    assert (audit.entity_id, audit.venue_id, audit.actor_id) == (capacity.pk, capacity.lot.venue_id, None)
    assert audit.old_values == {"multiplier_ppm": ONE}
    assert audit.new_values == {"multiplier_ppm": 1_100_000, "causes": ["occupancy_high"]}


def test_a_review_that_moves_nothing_is_remembered_and_writes_no_history(capacity, follows, now):
    taken(capacity, now, 14, is_inside=True)
    assert review(capacity, now) is None
    assert (capacity.multiplier_ppm, capacity.reviewed_at) == (ONE, now)
    assert not PriceChange.objects.exists()
    assert not AuditLog.objects.filter(action="parking_capacity.price_moved").exists()


@pytest.mark.parametrize(
    ("purpose", "more", "counts"),
    [
        (Purpose.RESERVATION, {}, True),
        (Purpose.SESSION, {"is_inside": True}, True),
        (Purpose.HOLD, {"held_until": HOUR}, True),
        (Purpose.HOLD, {"held_until": -HOUR}, False),
        (Purpose.RESERVATION, {"is_active": False}, False),
    ],
)
def test_cars_reservations_and_carts_count_while_they_last(capacity, follows, now, purpose, more, counts):
    if "held_until" in more:
        more = {"held_until": now + more["held_until"]}
    taken(capacity, now, 18, purpose, **more)
    review(capacity, now)
    assert capacity.multiplier_ppm == (1_100_000 if counts else 900_000)


def test_a_car_that_came_early_and_one_that_stays_on_are_there(capacity, follows, now):
    taking.put(capacity, now + HOUR, now + 2 * HOUR, Purpose.RESERVATION, quantity=8, is_inside=True)
    taking.put(capacity, now - 3 * HOUR, now - 2 * HOUR, Purpose.SESSION, quantity=8, is_inside=True)
    taking.put(capacity, now + HOUR, now + 2 * HOUR, Purpose.RESERVATION, quantity=4)
    assert review(capacity, now).facts["occupied"] == 16


def test_blocked_spaces_make_the_lot_smaller(capacity, follows, now):
    taken(capacity, now, 10, Purpose.BLOCK)
    taken(capacity, now, 8, is_inside=True)
    assert review(capacity, now).causes == ["occupancy_high"]
    assert PriceChange.objects.get().facts["spaces"] == 10


def test_other_kinds_of_space_do_not_count(capacity, follows, now):
    other = CapacityFactory(lot=capacity.lot, kind="ev")
    taken(other, now, 20, is_inside=True)
    review(capacity, now)
    other.refresh_from_db()
    assert (capacity.multiplier_ppm, other.multiplier_ppm) == (900_000, ONE)


def test_the_next_published_event_of_the_venue_raises_the_price(capacity, follows, other_venue, now):
    follows(event=EVENT)
    taken(capacity, now, 14, is_inside=True)
    times = {"starts_at": now + 4 * HOUR, "doors_at": now + 2 * HOUR, "ends_at": now + 6 * HOUR}
    EventFactory(venue=other_venue, **times)
    EventFactory(venue=capacity.lot.venue, status="draft", **times)
    assert review(capacity, now) is None
    EventFactory(venue=capacity.lot.venue, **times)
    assert review(capacity, now).causes == ["event_near"]
    assert capacity.multiplier_ppm == 1_200_000
    assert PriceChange.objects.get().facts["hours_to_doors"] == 2


def test_demand_counts_reservations_made_and_cars_without_one(capacity, follows, fay, now):
    follows(demand=DEMAND | {"up_from_percent": 15}, occupancy=[{"from_percent": 0, "move": "hold"}])
    order = Order.objects.create(venue=capacity.lot.venue, user=fay, currency="USD")
    reserve(capacity, order, now + 24 * HOUR, now + 26 * HOUR, 1_000)
    at = timezone.now()
    park(capacity, minutes=30, now=at)
    park(capacity, minutes=61, now=at)
    assert review(capacity, at) is None
    park(capacity, minutes=59, now=at)
    assert review(capacity, at).causes == ["demand"]
    assert PriceChange.objects.get().facts["arrivals"] == 3


def test_who_reserved_and_came_is_one_and_who_never_came_is_none(capacity, follows, fay, now):
    follows(demand=DEMAND | {"up_from_percent": 10}, occupancy=[{"from_percent": 0, "move": "hold"}])
    order = Order.objects.create(venue=capacity.lot.venue, user=fay, currency="USD")
    booked = reserve(capacity, order, now, now + HOUR, 1_000)
    at = timezone.now()
    stay = park(capacity, minutes=0, now=at)
    ParkingSession.objects.filter(pk=stay.pk).update(reservation=booked)
    turned = park(capacity, minutes=5, now=at)
    turned.move(ParkingSession.Status.VOID, ended_at=at)
    assert review(capacity, at) is None


def test_the_hour_before_counts_towards_its_limit(capacity, follows, now):
    taken(capacity, now, 20, is_inside=True)
    ppms = []
    for minutes in (0, 15, 30, 45, 60, 75):
        review(capacity, now + timedelta(minutes=minutes))
        ppms.append(capacity.multiplier_ppm)
    assert ppms == [1_100_000, 1_200_000, 1_300_000, 1_300_000, 1_400_000, 1_500_000]


def test_an_unreadable_configuration_moves_nothing(capacity, now):
    ParkingLot.objects.filter(pk=capacity.lot_id).update(pricing={"version": 1})
    with pytest.raises(Invalid):
        review(capacity, now)
    capacity.refresh_from_db()
    assert (capacity.multiplier_ppm, capacity.reviewed_at) == (ONE, None)


def test_a_review_asks_the_database_as_often_however_full_the_lot_is(capacity, follows, now):
    follows(event=EVENT, demand=DEMAND)

    def queries():
        capacity.refresh_from_db()
        with CaptureQueriesContext(connection) as asked:
            assert review(capacity, now)
        return len(asked)

    few = queries()
    for minutes in range(1, 16):
        park(capacity, minutes=minutes, now=now)
        EventFactory(venue=capacity.lot.venue, starts_at=now + 5 * HOUR, doors_at=now + 4 * HOUR)
    ParkingCapacity.objects.update(multiplier_ppm=ONE)
    PriceChange.objects.all().delete()
    assert queries() == few <= 11


# -- The sweep --


def test_the_sweep_looks_at_lots_that_ask_for_it_when_their_time_has_come(capacity, follows, now):
    still = CapacityFactory()
    closed = CapacityFactory(lot=LotFactory(status=ParkingLot.Status.CLOSED, pricing=GIVEN))
    assert review_due(now) == 1
    assert review_due(now + timedelta(minutes=14, seconds=59)) == 0
    assert review_due(now + timedelta(minutes=15)) == 1
    for untouched in (still, closed):
        untouched.refresh_from_db()
        assert (untouched.multiplier_ppm, untouched.reviewed_at) == (ONE, None)
    assert PriceChange.objects.filter(capacity=capacity).count() == 2


def test_the_sweep_leads_back_where_the_configuration_was_taken_away(capacity, now):
    ParkingCapacity.objects.update(multiplier_ppm=1_700_000)
    assert review_due(now) == 1
    assert review_due(now) == 0
    capacity.refresh_from_db()
    assert capacity.multiplier_ppm == ONE
    assert PriceChange.objects.get().causes == ["switched_off"]


def test_a_lot_that_cannot_be_read_holds_up_no_other(capacity, follows, now):
    broken = CapacityFactory(lot=LotFactory(pricing={"version": 1}), multiplier_ppm=1_300_000)
    assert review_due(now) == 1
    broken.refresh_from_db()
    assert (broken.multiplier_ppm, broken.reviewed_at) == (1_300_000, None)


def test_the_sweep_is_on_the_schedule(capacity, follows):
    assert sweeps.run_all(timezone.now())["parking.prices"] == 1


def test_the_sweep_finds_due_lots_by_one_query_however_many_are_not(capacity, follows, now, django_assert_num_queries):
    review_due(now)
    for _ in range(4):
        CapacityFactory(lot=LotFactory(pricing=GIVEN), reviewed_at=now)
    with django_assert_num_queries(1):
        assert review_due(now + timedelta(minutes=1)) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_move_the_price_one_step(capacity, follows, now):
    taken(capacity, now, 20, is_inside=True)
    assert sorted(at_once(5, lambda n: review_due(now))) == [0, 0, 0, 0, 1]
    capacity.refresh_from_db()
    assert capacity.multiplier_ppm == 1_100_000
    assert PriceChange.objects.count() == 1
