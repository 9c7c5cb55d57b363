"""Spaces are taken, moved, kept longer and given back; what does not fit changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from parking.errors import NoSpace
from parking.models import ParkingSpace, SpaceUse
from parking.spaces import counting, taking
from trufan.testing import CapacityFactory

HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def two(lot):
    """Two spaces."""
    return CapacityFactory(lot=lot, spaces=2)


def uses():
    return list(SpaceUse.objects.order_by("pk").values())


def test_the_last_one_is_taken_once_and_the_refusal_says_how_many_there_are(two, now):
    taking.take(two, now, now + HOUR, "session", now)
    with pytest.raises(NoSpace) as refusal:
        taking.take(two, now, now + HOUR, "session", now, quantity=2)
    assert (refusal.value.data, refusal.value.message) == ({"left": 1}, "Only 1 Standard space is left at North Lot.")
    taking.take(two, now, now + HOUR, "session", now)
    with pytest.raises(NoSpace, match="No Standard space"):
        taking.take(two, now - HOUR, now + timedelta(seconds=1), "session", now)
    assert SpaceUse.objects.count() == 2


def test_one_window_ends_where_the_next_begins(two, now):
    for number in range(5):
        taking.take(two, now + number * HOUR, now + (number + 1) * HOUR, "reservation", now, quantity=2)
    assert SpaceUse.objects.count() == 5


def test_staff_may_write_down_what_is_there_all_the_same(two, now):
    for _ in range(3):
        taking.put(two, now, now + HOUR, "session", is_inside=True)
    assert counting.left(two, now, now + HOUR, now) == -1
    assert counting.left_now([two], now) == {two.pk: 0}


def test_a_use_is_moved_beside_others_and_not_over_them(two, now):
    mine = taking.take(two, now, now + 2 * HOUR, "reservation", now)
    taking.take(two, now, now + 3 * HOUR, "reservation", now)
    taking.move(mine, two, now + HOUR, now + 3 * HOUR, now)
    assert (mine.starts_at, mine.ends_at) == (now + HOUR, now + 3 * HOUR), "it does not stand in its own way"
    taking.take(two, now + 4 * HOUR, now + 5 * HOUR, "reservation", now, quantity=2)
    before = uses()
    with pytest.raises(NoSpace):
        taking.move(mine, two, now + HOUR, now + 4 * HOUR + timedelta(minutes=1), now)
    assert uses() == before
    assert mine.ends_at == now + 3 * HOUR
    fresh = SpaceUse.objects.get(pk=mine.pk)
    assert (fresh.starts_at, fresh.ends_at) == (now + HOUR, now + 3 * HOUR)


def test_a_use_is_moved_to_another_kind_where_that_is_free(lot, two, now):
    other = CapacityFactory(lot=lot, kind="ev", spaces=1)
    mine = taking.take(two, now, now + HOUR, "reservation", now)
    taking.move(mine, other, now, now + HOUR, now)
    assert counting.left_by_capacity([two, other], now, now + HOUR, now) == {two.pk: 2, other.pk: 0}
    late = taking.take(two, now, now + HOUR, "reservation", now)
    with pytest.raises(NoSpace):
        taking.move(late, other, now, now + HOUR, now)
    assert SpaceUse.objects.get(pk=late.pk).capacity == two


def test_staying_on_needs_only_what_comes_on_top(two, now):
    mine = taking.take(two, now - HOUR, now + HOUR, "session", now, is_inside=True)
    taking.put(two, now, now + HOUR, "session", quantity=2, is_inside=True)  # let in by hand: over-full already
    taking.stay_on(mine, two, now + 2 * HOUR, now)
    assert SpaceUse.objects.get(pk=mine.pk).ends_at == now + 2 * HOUR
    taking.take(two, now + 3 * HOUR, now + 4 * HOUR, "reservation", now, quantity=2)
    with pytest.raises(NoSpace):
        taking.stay_on(mine, two, now + 3 * HOUR + timedelta(minutes=1), now)
    assert mine.ends_at == SpaceUse.objects.get(pk=mine.pk).ends_at == now + 2 * HOUR
    taking.stay_on(mine, two, now + HOUR, now)
    assert SpaceUse.objects.get(pk=mine.pk).ends_at == now + HOUR, "less is always free"


def test_what_is_held_for_staying_on_does_not_stand_in_its_way(two, now):
    two.spaces = 1
    mine = taking.take(two, now - HOUR, now + HOUR, "session", now, is_inside=True)
    held = taking.take(two, now + HOUR, now + 2 * HOUR, "hold", now, held_until=now + HOUR)
    with pytest.raises(NoSpace):
        taking.stay_on(mine, two, now + 2 * HOUR, now)
    assert taking.stay_on(mine, two, now + 2 * HOUR, now, held=[held]).ends_at == now + 2 * HOUR


def test_a_hold_that_is_kept_is_taken_for_good(two, now):
    held = taking.take(two, now, now + HOUR, "hold", now, held_until=now + timedelta(minutes=10), item_id=two.pk)
    later = now + timedelta(minutes=11)
    assert counting.left(two, later, now + HOUR, later) == 2
    taking.keep(held, "reservation")
    assert counting.left(two, later, now + HOUR, later) == 1
    fresh = SpaceUse.objects.get()
    assert (fresh.purpose, fresh.held_until, fresh.item_id) == ("reservation", None, None)


def test_a_car_that_enters_early_takes_its_space_from_then(two, now):
    mine = taking.take(two, now + HOUR, now + 2 * HOUR, "reservation", now)
    assert counting.left(two, now, now + HOUR, now) == 2
    taking.enter(mine, now)
    assert counting.left(two, now, now + HOUR, now) == 1
    with pytest.raises(NoSpace):
        taking.take(two, now, now + HOUR, "session", now, quantity=2)


def test_a_car_that_leaves_frees_its_space_at_once(two, now):
    mine = taking.enter(taking.take(two, now - HOUR, now + 2 * HOUR, "reservation", now), now)
    taking.leave(mine, now)
    assert counting.left(two, now, now + 2 * HOUR, now) == 2
    fresh = SpaceUse.objects.get()
    assert (fresh.is_active, fresh.is_inside, fresh.ends_at) == (False, False, now)


def test_one_that_comes_back_keeps_it_until_its_end(two, now):
    mine = taking.enter(taking.take(two, now - HOUR, now + 2 * HOUR, "reservation", now), now)
    taking.leave(mine, now, comes_back=True)
    assert (counting.left(two, now, now + HOUR, now), counting.inside([two])) == (1, {})
    assert counting.left(two, now + 2 * HOUR, now + 3 * HOUR, now) == 2
    late = now + 2 * HOUR
    taking.leave(taking.enter(mine, late), late, comes_back=True)
    assert not SpaceUse.objects.get().is_active, "after its end nobody comes back"


@pytest.mark.parametrize("ended", [-2, -1, 0, 1, 5])
def test_what_ends_is_over_whenever_it_is_ended(two, now, ended):
    mine = taking.take(two, now, now + 2 * HOUR, "reservation", now - 3 * HOUR)
    taking.end(mine, now + ended * HOUR)
    fresh = SpaceUse.objects.get()
    assert not fresh.is_active
    assert fresh.starts_at < fresh.ends_at <= now + 2 * HOUR
    assert counting.left(two, now, now + 2 * HOUR, now) == 2


def test_one_car_stands_on_a_numbered_space(lot, two, now):
    space = ParkingSpace.objects.create(lot=lot, number="1")
    first = taking.put(two, now, now + HOUR, "session", is_inside=True, space=space)
    with pytest.raises(IntegrityError), transaction.atomic():
        taking.put(two, now, now + HOUR, "session", is_inside=True, space=space)
    booked = taking.put(two, now, now + HOUR, "reservation", space=space)
    with pytest.raises(IntegrityError), transaction.atomic():
        taking.enter(booked, now)
    taking.leave(first, now)
    assert taking.enter(booked, now).is_inside


def test_the_table_refuses_uses_that_cannot_be(two, now):
    for wrong in (
        {"ends_at": now},
        {"quantity": 0},
        {"purpose": "picnic"},
        {"purpose": "hold"},
        {"held_until": now},
        {"is_inside": True, "is_active": False},
    ):
        fields = {"purpose": "session", "starts_at": now, "ends_at": now + HOUR, **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            SpaceUse.objects.create(capacity=two, **fields)
    assert not SpaceUse.objects.exists()
