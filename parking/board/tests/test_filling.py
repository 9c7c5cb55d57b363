"""How full the board says a lot is: the same numbers that decide who gets a space."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parking.board.filling import AHEAD, STEP, fillings, half_hours
from parking.models import ParkingCapacity, SpaceUse
from parking.spaces import counting, taking
from trufan.testing import CapacityFactory

Purpose = SpaceUse.Purpose
HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(minute=10, second=0, microsecond=0)


def test_each_use_is_counted_where_it_belongs(capacity: ParkingCapacity, now: datetime) -> None:
    taking.put(capacity, now - HOUR, now + HOUR, Purpose.SESSION, is_inside=True)
    taking.put(capacity, now - 3 * HOUR, now - HOUR, Purpose.RESERVATION, is_inside=True)
    taking.put(capacity, now + HOUR, now + 2 * HOUR, Purpose.RESERVATION)
    taking.put(capacity, now - HOUR, now + HOUR, Purpose.RESERVATION)
    taking.put(capacity, now + 4 * HOUR, now + 5 * HOUR, Purpose.RESERVATION)
    taking.put(capacity, now - HOUR, now + HOUR, Purpose.HOLD, held_until=now - HOUR)
    taking.put(capacity, now - HOUR, now + HOUR, Purpose.BLOCK, quantity=3)
    taking.put(capacity, now + HOUR, now + 2 * HOUR, Purpose.BLOCK, quantity=5)

    found = fillings([capacity], now)[capacity.pk]

    assert (found.inside, found.expected, found.blocked) == (2, 2, 3)
    # Twenty spaces: two cars, one reservation that should be there, three blocked.
    assert found.free == 14


def test_a_car_that_outstays_its_time_is_expected_to_stay_a_while(capacity: ParkingCapacity, now: datetime) -> None:
    taking.put(capacity, now - 3 * HOUR, now - HOUR, Purpose.SESSION, is_inside=True)

    slots = fillings([capacity], now)[capacity.pk].slots

    assert [slot.free for slot in slots[:2]] == [19, 20]


def test_more_cars_than_spaces_are_said_to_be_too_many(capacity: ParkingCapacity, now: datetime) -> None:
    for _ in range(22):
        taking.put(capacity, now - HOUR, now + HOUR, Purpose.SESSION, is_inside=True)

    found = fillings([capacity], now)[capacity.pk]

    assert (found.free, found.over) == (-2, 2)
    assert (found.slots[0].level, found.slots[0].taken_percent) == ("full", 100)


def test_the_bars_say_what_would_be_sold(capacity: ParkingCapacity, now: datetime) -> None:
    dice = random.Random(3)
    for _ in range(60):
        begins = now + timedelta(minutes=dice.randrange(-300, 400))
        purpose = dice.choice([Purpose.SESSION, Purpose.RESERVATION, Purpose.BLOCK])
        taking.put(
            capacity, begins, begins + timedelta(minutes=dice.randrange(10, 300)), purpose,
            is_inside=begins < now and purpose == Purpose.SESSION,
        )  # fmt: skip

    found = fillings([capacity], now)[capacity.pk]

    assert found.free == counting.left(capacity, now, now + timedelta(microseconds=1), now)
    for slot in found.slots:
        begins = max(slot.starts_at, now)
        assert slot.free == counting.left(capacity, begins, slot.starts_at + STEP, now)


def test_the_bars_stand_still_within_a_half_hour(now: datetime) -> None:
    assert half_hours(now) == half_hours(now + timedelta(minutes=19))
    assert half_hours(now)[0] == now - timedelta(minutes=10)
    assert half_hours(now)[-1] + STEP == half_hours(now)[0] + AHEAD


def test_many_kinds_take_one_query(lot, capacity: ParkingCapacity, now: datetime) -> None:
    kinds = [capacity, *(CapacityFactory(lot=lot, kind=kind) for kind in ("ev", "valet", "oversize"))]
    for kind in kinds:
        taking.put(kind, now - HOUR, now + HOUR, Purpose.SESSION, is_inside=True)

    with CaptureQueriesContext(connection) as queries:
        found = fillings(kinds, now)

    assert len(queries) == 1
    assert {each.inside for each in found.values()} == {1}
