"""Cameras at the same moment: one car has one stay, the last spaces are given once, and a stay ends once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.booking import codes
from parking.models import GateEvent, ParkingSession, SpaceUse
from parking.spaces import counting
from parking.stays import charging, gate
from parking.stays.gate import Seen
from parking.stays.tests.at_the_gate import booked, there
from parking.stays.tests.parked import fresh
from trufan.testing import CapacityFactory, LotFactory, StaffFactory, UserFactory, at_once
from venues.models import VenueStaff

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

#: What somebody who pays a moment too late is told.
BUSY = {"payment_in_progress", "charge_not_payable"}


@pytest.fixture
def cameras(lot):
    """One account for each of ten cameras."""
    return [StaffFactory(venue=lot.venue, role=VenueStaff.Role.PARKING).user for _ in range(10)]


def come(lot, camera, number, plate, **more):
    return gate.enter(lot, Seen(nonce=f"n{number}", plate=plate, **more), by=camera, now=timezone.now())


def go(lot, camera, number, plate):
    return gate.leave(lot, Seen(nonce=f"x{number}", plate=plate), by=camera, now=timezone.now())


def test_one_plate_seen_by_many_cameras_is_one_stay(lot, capacity, cameras):
    answers = at_once(10, lambda number: come(lot, cameras[number], number, "ABC 1234"))
    assert all(event.is_open for event in answers)
    assert len({event.session_id for event in answers}) == 1
    assert (ParkingSession.objects.count(), SpaceUse.objects.count()) == (1, 1)
    assert AuditLog.objects.filter(action="parking_session.started").count() == 1


def test_so_it_is_where_they_lead_to_spaces_of_two_kinds(lot, capacity, cameras):
    CapacityFactory(lot=lot, kind="ev")
    kinds = ("standard", "ev")
    answers = at_once(10, lambda number: come(lot, cameras[number], number, "ABC 1234", kind=kinds[number % 2]))
    assert all(getattr(event, "is_open", False) for event in answers), answers
    assert ParkingSession.objects.active().count() == 1
    assert SpaceUse.objects.filter(is_active=True).count() == 1


def test_a_reservation_seen_by_many_cameras_comes_in_once(lot, capacity, cameras):
    reservation = booked(capacity, UserFactory(), plate="FAY 100")
    answers = at_once(10, lambda number: come(lot, cameras[number], number, "FAY 100"))
    assert all(event.is_open for event in answers)
    reservation.refresh_from_db()
    assert (reservation.status, reservation.entries, ParkingSession.objects.count()) == ("inside", 1, 1)


def test_fifty_cars_and_the_last_five_spaces(lot, cameras):
    capacity = CapacityFactory(lot=lot, spaces=5)
    answers = at_once(50, lambda number: come(lot, cameras[number % 10], number, f"CAR {100 + number}"))
    opened = [event for event in answers if event.is_open]
    assert len(opened) == 5
    assert {event.reason for event in answers if not event.is_open} == {"full"}
    assert ParkingSession.objects.count() == SpaceUse.objects.filter(is_inside=True).count() == 5
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 0
    assert GateEvent.objects.count() == 50


def test_a_nonce_sent_many_times_at_once_is_one_decision(lot, capacity, cameras):
    answers = at_once(10, lambda number: come(lot, cameras[0], 1, "ABC 1234"))
    assert len({event.pk for event in answers}) == 1
    assert (GateEvent.objects.count(), ParkingSession.objects.count()) == (1, 1)


def test_two_exits_at_once_end_a_stay_once(lot, capacity, cameras):
    stay = there(capacity, "ABC 1234")
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())
    answers = at_once(10, lambda number: go(lot, cameras[number], number, "ABC 1234"))
    assert all(event.is_open for event in answers)
    assert AuditLog.objects.filter(action="parking_session.ended").count() == 1
    assert fresh(stay).status == "ended"


def test_paying_and_leaving_at_once_never_locks_up(lot, capacity, cameras):
    stay = there(capacity, "ABC 1234")

    def act(number):
        if number % 2:
            return go(lot, cameras[number], number, "ABC 1234")
        return charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())

    answers = at_once(10, act)
    assert all(not isinstance(each, Exception) or each.code in BUSY for each in answers), answers
    assert go(lot, cameras[0], 99, "ABC 1234").is_open
    assert fresh(stay).status == "ended"


def test_coming_and_going_by_plate_and_code_never_lock_up(cameras, venue):
    """Stay before reservation before space, in whatever way a car is told: nobody waits in a circle."""
    lot = LotFactory(venue=venue, allows_reentry=True)
    reservation = booked(CapacityFactory(lot=lot), UserFactory(), plate="FAY 100")
    code = codes.code_for(reservation)

    def act(number):
        answers = []
        for turn in range(6):
            by_code = {"code": code} if (number + turn) % 2 else {}
            seen = Seen(nonce=f"{number}-{turn}", plate="FAY 100", **by_code)
            way = gate.enter if (number + turn) % 3 else gate.leave
            answers.append(way(lot, seen, by=cameras[number], now=timezone.now()))
        return answers

    answers = at_once(10, act)
    assert all(isinstance(each, list) for each in answers), answers
    inside = ParkingSession.objects.active().filter(lot=lot).count()
    reservation.refresh_from_db()
    assert inside == (1 if reservation.status == "inside" else 0)
    assert reservation.use.is_inside == bool(inside)
    assert reservation.entries == ParkingSession.objects.filter(reservation=reservation).count()


def test_entries_and_bookings_share_the_last_spaces(lot, cameras):
    """The camera and the sweep of a long line of cars: what is promised stays promised."""
    capacity = CapacityFactory(lot=lot, spaces=8)
    for number in range(5):
        booked(capacity, UserFactory(), plate=f"BOOK {number}", begins=10)
    cars = [f"BOOK {number}" for number in range(5)] + [f"CAR {number}" for number in range(15)]
    answers = at_once(20, lambda number: come(lot, cameras[number % 10], number, cars[number]))
    inside = {event.plate for event in answers if event.is_open}
    assert {plate for plate in inside if plate.startswith("BOOK")} == set(cars[:5])
    assert len(inside) == 8
    assert counting.left(capacity, timezone.now(), timezone.now() + timedelta(hours=1), timezone.now()) == 0
