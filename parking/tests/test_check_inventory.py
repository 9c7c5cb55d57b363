"""`manage.py check_inventory` proves that parking promises no more than there is, and names what does not fit."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from parking import inventory_check
from parking.booking import cancelling
from parking.booking.tests.booked import held, offered, reserved
from parking.models import ParkingCapacity, ParkingReservation, ParkingSession, SpaceUse
from parking.spaces import taking
from parking.stays.tests.at_the_gate import booked, entry, leaving, said
from trufan.testing import CapacityFactory, LotFactory

HOUR = timedelta(hours=1)


def check():
    told = StringIO()
    try:
        call_command("check_inventory", stdout=told)
    except CommandError as refusal:
        assert refusal.returncode == 1
        return told.getvalue().splitlines()
    return []


@pytest.fixture
def night(api, fay, val, lot, capacity, django_capture_on_commit_callbacks):
    """Held, reserved, cancelled, driven in, driven out, outstayed, blocked."""
    held(fay, capacity)
    reserved(fay, capacity)
    gone = reserved(fay, capacity)
    with django_capture_on_commit_callbacks(execute=True):
        cancelling.cancel(gone, by=fay, by_buyer=True, reason="", now=timezone.now())
    here = booked(capacity, fay, plate="HERE 1")
    booked(capacity, fay, plate="LATE 1", begins=-200, hours=1)
    for plate in ("HERE 1", "ABC 1", "GONE 1"):
        assert said(entry(api, val, lot, plate=plate)) == (True, "")
    leaving(api, val, lot, plate="GONE 1", override="Turned round")
    now = timezone.now()
    taking.put(capacity, now, now + HOUR, "block", reason="Works", quantity=3)
    return here


def test_what_is_as_it_should_be_says_nothing(night):
    assert SpaceUse.objects.filter(is_active=True).count() == 6
    assert check() == []


def test_more_promises_than_spaces_are_named_at_their_peak(night, capacity):
    now = timezone.now()
    for begins in (30 * 24, 30 * 24 + 1):  # far from the reservations of the night, whatever the hour
        taking.put(capacity, now + begins * HOUR, now + (begins + 1) * HOUR, "block", quantity=20, reason="Works")
    assert check() == []
    taking.put(capacity, now + (30 * 24 + 1) * HOUR, now + (30 * 24 + 2) * HOUR, "block", quantity=2, reason="Works")
    assert check() == [
        f"kind of space {capacity.pk} (standard, North Lot): spaces is 20, the promises at their peak say 22"
    ]
    ParkingCapacity.objects.update(spaces=22)
    assert check() == []


def test_kinds_of_space_are_counted_apart(venue):
    now = timezone.now()
    kinds = [CapacityFactory(lot=LotFactory(venue=venue), spaces=2) for _ in range(3)]
    for kind, quantity in zip(kinds, (2, 3, 2), strict=True):
        taking.put(kind, now + HOUR, now + 2 * HOUR, "block", quantity=quantity, reason="Works")
    assert [difference.id for difference in inventory_check.differences()] == [kinds[1].pk]


def test_cars_that_outstayed_or_that_a_steward_let_in_are_facts_and_no_promises(api, val, lot):
    capacity = CapacityFactory(lot=lot, spaces=1)
    assert said(entry(api, val, lot, plate="ABC 1")) == (True, "")
    assert said(entry(api, val, lot, plate="VIP 1", override="Guest of the house"))[0]
    assert ParkingSession.objects.active().count() == 2
    assert check() == []
    now = timezone.now()
    SpaceUse.objects.filter(sessions__plate="ABC 1").update(starts_at=now - 3 * HOUR, ends_at=now - HOUR)
    taking.put(capacity, now, now + HOUR, "reservation")
    assert [difference.counter for difference in inventory_check.differences()] == ["active"], (
        "the reservation is nobody's"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_active": False},
        {"ends_at": timezone.now() + 99 * HOUR},
        {"purpose": "session"},
        {"is_inside": True},
    ],
)
def test_a_reservation_without_its_own_window_is_named(fay, capacity, wrong):
    row = reserved(fay, capacity)
    SpaceUse.objects.filter(pk=row.use_id).update(**wrong)
    told = check()
    assert f"parking reservation {row.pk} ({row.number}): live is 1, the uses of its window say 0" in told


def test_a_reservation_on_another_kind_than_its_use_is_named(fay, lot, capacity):
    row = reserved(fay, capacity)
    SpaceUse.objects.filter(pk=row.use_id).update(capacity=CapacityFactory(lot=lot, kind="ev"))
    assert [difference.kind for difference in inventory_check.differences()] == ["parking reservation"]


def test_a_stay_whose_car_is_not_counted_is_named(api, val, lot, capacity):
    entry(api, val, lot, plate="ABC 1")
    stay = ParkingSession.objects.get()
    SpaceUse.objects.update(is_inside=False)
    assert check() == [f"parking session {stay.pk} ({stay.number}): active is 1, the cars inside say 0"]


def test_what_is_counted_for_nobody_is_named(api, fay, val, lot, capacity):
    over = reserved(fay, capacity)
    ParkingReservation.objects.filter(pk=over.pk).update(status="cancelled")
    entry(api, val, lot, plate="ABC 1")
    ParkingSession.objects.update(status="ended", ended_at=timezone.now() + HOUR)
    offer, now = offered(capacity, fay), timezone.now()
    taking.put(capacity, now, now + HOUR, "hold", held_until=now + HOUR, item_id=offer.pk)
    taking.put(capacity, now, now + HOUR, "hold", held_until=now - HOUR, item_id=offer.pk)
    told = [line.partition(" (")[2] for line in check()]
    assert sorted(told) == [
        "hold): active is 1, the rows that it is for say 0",
        "reservation): active is 1, the rows that it is for say 0",
        "session): active is 1, the rows that it is for say 0",
    ]


def test_it_costs_the_same_however_much_there_is(fay, capacity, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(4):
            assert list(inventory_check.differences()) == []
        for _ in range(3):
            reserved(fay, capacity)
