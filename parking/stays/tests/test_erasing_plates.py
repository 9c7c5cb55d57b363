"""Plates go after the lot's days, people's data when they ask; and guests' stays join the account of their address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import personal_data
from accounts.signals import email_verified
from audit.models import AuditLog
from orders.signals import orders_adopted
from parking.booking.tests.booked import offered
from parking.models import GateEvent, ParkingOffer, ParkingReservation, ParkingSession, ReservationChange
from parking.stays.erasure import erase_plates
from parking.stays.tests.at_the_gate import booked, entry, leaving, there
from parking.stays.tests.parked import arrive, park
from trufan.testing import CapacityFactory, LotFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def plated(row):
    row.refresh_from_db()
    return row.plate, row.plate_key


def leave(stay, at):
    ParkingSession.objects.filter(pk=stay.pk).update(status="ended", started_at=at - DAY, ended_at=at)
    return stay


def test_plates_of_stays_go_so_many_days_after_the_car(capacity, venue):
    now = timezone.now()
    careful = CapacityFactory(lot=LotFactory(venue=venue, plate_days=2))
    old = leave(there(capacity, "OLD 1"), now - 31 * DAY)
    young = leave(there(capacity, "NEW 1"), now - 29 * DAY)
    elsewhere = leave(there(careful, "CARE 1"), now - 3 * DAY)
    inside = there(capacity, "STAYS 1", minutes=60 * 24 * 60)

    assert erase_plates(now) == 2
    assert [plated(stay) for stay in (old, elsewhere)] == [("", "")] * 2
    assert [plated(stay)[0] for stay in (young, inside)] == ["NEW 1", "STAYS 1"]
    assert erase_plates(now) == 0


def test_so_do_those_of_reservations_changes_quotes_and_what_the_gates_saw(api, val, fay, lot, capacity):
    now = timezone.now()
    begun = booked(capacity, fay, plate="FAY 100", begins=-5)
    change = ReservationChange.objects.create(
        reservation=begun, capacity=capacity, starts_at=begun.starts_at, ends_at=begun.ends_at, price=0, difference=0,
        expires_at=now, plate="FAY 100", plate_key="FAY100", status="applied",
    )  # fmt: skip
    offer = offered(capacity, fay, starts_at=now + timedelta(minutes=1), plate="FAY 100")
    ParkingReservation.objects.filter(pk=begun.pk).update(status="completed")
    leaving(api, val, lot, plate="NOBODY 1")
    rows = [begun, change, offer, GateEvent.objects.get()]
    assert erase_plates(now + 29 * DAY) == 0
    assert erase_plates(now + 31 * DAY) == 4
    assert [plated(row) for row in rows] == [("", "")] * 4


def test_what_the_gate_saw_of_a_car_that_is_there_is_kept(api, val, lot, capacity):
    now = timezone.now()
    entry(api, val, lot, plate="STAYS 1")
    assert erase_plates(now + 40 * DAY) == 0
    assert plated(GateEvent.objects.get())[0] == "STAYS 1"


def test_a_nonce_is_good_after_its_plate_was_erased(api, val, lot, capacity):
    now = timezone.now()
    first = leaving(api, val, lot, plate="NOBODY 1", nonce="n1")
    GateEvent.objects.update(created_at=now - 31 * DAY)
    erase_plates(now)
    again = leaving(api, val, lot, plate="NOBODY 1", nonce="n1")
    assert (again["id"], again["plate"]) == (first["id"], "")


def test_a_person_gets_and_erases_what_is_kept(api, val, fay, lot, capacity):
    stay = arrive(booked(capacity, fay, plate="FAY 100"), timezone.now(), plate="FAY 100", plate_key="FAY100")
    ParkingSession.objects.filter(pk=stay.pk).update(contact_email="fay@example.com", contact_phone="+12125550123")
    leaving(api, val, lot, plate="FAY 100")
    there = park(capacity, user=fay, plate="FAY 200", plate_key="FAY200", contact_email="fay@example.com")

    kept = personal_data.export_all(fay)["parking_stays"]
    assert [each["plate"] for each in kept["stays"]] == ["FAY 200", "FAY 100"]
    assert kept["stays"][1]["contact"] == {"email": "fay@example.com", "phone": "+12125550123"}
    assert "code" not in kept["stays"][0]
    assert [each["direction"] for each in personal_data.export_all(val)["parking_stays"]["decisions_made"]] == ["exit"]

    personal_data.erase_all(fay, timezone.now())
    assert (plated(stay), plated(GateEvent.objects.get())) == (("", ""), ("", ""))
    for each in (stay, there):
        each.refresh_from_db()
        assert (each.contact_email, str(each.contact_phone)) == ("", "")
    # The gate knows a car that is there by nothing else; its plate goes when others' do.
    assert plated(there)[0] == "FAY 200"
    assert not ParkingOffer.objects.filter(plate="FAY 100").exists()


def test_a_guests_stays_join_the_account_of_their_address(fay, capacity, stan):
    mine = park(capacity, contact_email="fay@example.com")
    others = park(capacity, contact_email="other@example.com")
    nobodys = park(capacity)
    taken = park(capacity, contact_email="fay@example.com", user=stan)
    email_verified.send(sender=None, user=fay)

    users = [ParkingSession.objects.get(pk=stay.pk).user for stay in (mine, others, nobodys, taken)]
    assert users == [fay, None, None, stan]
    assert AuditLog.objects.filter(action="parking_session.adopted", entity_id=mine.pk, actor=fay).exists()


def test_the_stays_of_adopted_reservations_do_too(fay, capacity):
    stay = arrive(booked(capacity), timezone.now())
    orders_adopted.send(sender=None, user=fay, order_ids=[stay.reservation.order_id])
    stay.refresh_from_db()
    assert stay.user == fay
