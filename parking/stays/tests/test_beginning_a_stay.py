"""Drivers begin a stay at the sign, or join the one that a camera began; staff take cars in by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.models import ParkingLot, ParkingSession, ParkingSpace, SpaceUse
from parking.spaces import counting, taking
from parking.stays import access
from parking.stays.tests.at_the_gate import booked, entry, there
from parking.stays.tests.parked import SESSIONS, code, fresh
from parking.vehicles.models import Vehicle
from trufan.lib import throttling
from trufan.testing import CapacityFactory, EventFactory, LotFactory

pytestmark = pytest.mark.django_db
CONTACT = {"contact": {"phone": "+12125550123"}}


@pytest.fixture
def street(venue) -> ParkingLot:
    """A lot without a barrier: its sign is all there is."""
    lot = LotFactory(venue=venue, name="Street", slug="street", has_barrier=False)
    CapacityFactory(lot=lot)
    return lot


def begin(api, who, **asked):
    return api.as_(who).post(SESSIONS, asked)


def guest(api, lot, /, **asked):
    return begin(api, None, **{"sign_code": lot.sign_code, "plate": "ABC 1234", **CONTACT, **asked})


def in_minutes(count: int) -> str:
    return (timezone.now() + timedelta(minutes=count)).isoformat()


# -- At the sign --


def test_a_guest_begins_a_stay_by_the_sign_and_sees_what_it_costs(api, street):
    capacity = street.capacities.get()
    capacity.multiplier_ppm = 1_200_000
    capacity.save()
    answer = guest(api, street)

    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    stay = ParkingSession.objects.get()
    assert (shown["id"], shown["status"], shown["origin"]) == (str(stay.pk), "active", "sign")
    assert shown["access_code"] == access.code_for(stay)
    assert shown["multiplier"] == 1.2
    assert shown["tariff"][0] == "$5.00 for the first hour, then $2.00 for each 30 minutes begun."
    assert shown["due"]["amount"] == 600
    assert shown["pay"]["url"].endswith(f"#access_code={access.payer_code_for(stay)}")
    assert shown["code"] == access.gate_code(stay)
    assert (stay.user, str(stay.contact_phone), stay.use.is_inside) == (None, "+12125550123", True)
    assert (shown["contact"], shown["history"]) == (None, None)


def test_a_prepaid_stay_takes_its_space_until_its_end_and_owes_all_of_it(api, fay, street):
    until = in_minutes(150)
    answer = begin(api, fay, lot=str(street.pk), plate="FAY 100", until=until)

    assert answer.status_code == 201, answer.json()
    stay = ParkingSession.objects.get()
    assert (stay.user, stay.origin, stay.expires_at.isoformat()) == (fay, "app", until)
    assert stay.use.ends_at == stay.expires_at
    assert answer.json()["due"]["amount"] == 1100
    assert answer.json()["contact"] == {"email": "", "phone": ""}


def test_a_guest_says_where_to_send_the_receipt(api, street):
    refused = guest(api, street, contact={})
    assert code(refused) == (422, "validation_error")
    assert refused.json()["error"]["details"][0]["field"] == "contact"
    assert not ParkingSession.objects.exists()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"plate": "!!"}, "plate"),
        ({"plate": ""}, "plate"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": in_minutes(60 * 24 * 91)}, "until"),
        ({"kind": "ev"}, "kind"),
        ({"kind": "moped"}, "kind"),
        ({"sign_code": ""}, "lot"),
        ({"lot": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f01"}, "lot"),
        ({"contact": {"email": "no"}}, "contact.email"),
        ({"vehicle": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f01"}, "vehicle"),
        ({"event": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f01"}, "event"),
    ],
)
def test_what_is_wrong_is_named(api, street, asked, field):
    refused = guest(api, street, **asked)
    assert refused.status_code == 422, refused.json()
    assert refused.json()["error"]["details"][0]["field"] == field
    assert not ParkingSession.objects.exists() and not SpaceUse.objects.exists()


def test_a_guest_needs_the_code_on_the_sign(api, street):
    refused = begin(api, None, lot=str(street.pk), plate="ABC 1", **CONTACT)
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "sign_code")
    assert code(guest(api, street, sign_code="NOPE22")) == (404, "not_found")


def test_a_fan_parks_a_saved_vehicle_that_fits(api, fay, street):
    van = Vehicle(user=fay, height_cm=260)
    van.set_plate("VAN 1")
    van.save()
    answer = begin(api, fay, lot=str(street.pk), vehicle=str(van.pk))
    assert (answer.status_code, answer.json()["plate"]) == (201, "VAN 1")
    ParkingLot.objects.filter(pk=street.pk).update(height_limit_cm=210)
    refused = begin(api, fay, lot=str(street.pk), vehicle=str(van.pk))
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "height_cm")


def test_the_event_that_it_is_for_is_kept(api, fay, venue, street):
    event = EventFactory(venue=venue)
    answer = begin(api, fay, lot=str(street.pk), plate="FAY 100", event=str(event.pk))
    assert (answer.status_code, answer.json()["event"]) == (201, str(event.pk))


def test_no_room_no_hours_no_reservationless_cars(api, street):
    now = timezone.now()
    block = taking.put(street.capacities.get(), now, now + timedelta(hours=9), taking.Purpose.BLOCK, quantity=20)
    assert code(guest(api, street)) == (409, "no_space")
    taking.end(block, now)
    ParkingLot.objects.filter(pk=street.pk).update(takes_drive_ups=False)
    assert code(guest(api, street)) == (409, "lot_not_open")
    ParkingLot.objects.filter(pk=street.pk).update(status="closed")
    assert code(guest(api, street)) == (404, "not_found")
    assert not ParkingSession.objects.exists()


def test_one_car_has_one_stay_on_a_lot(api, fay, street, lot, capacity):
    first = begin(api, fay, lot=str(street.pk), plate="FAY 100")
    again = begin(api, fay, sign_code=street.sign_code, plate="fay-1OO")
    assert code(again) == (409, "already_parked")
    assert again.json()["error"]["details"][0] == {
        "field": "session", "code": "already_parked", "message": first.json()["id"],
    }  # fmt: skip
    # Of a stranger's, nothing is told but that it is there.
    stranger = guest(api, street, plate="FAY 100")
    assert code(stranger) == (409, "already_parked")
    assert stranger.json()["error"]["details"] == []
    assert ParkingSession.objects.count() == 1


def test_a_request_sent_twice_begins_one_stay(api, street):
    asked = {"sign_code": street.sign_code, "plate": "ABC 1234", **CONTACT}
    first, again = (api.post(SESSIONS, asked, HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert ParkingSession.objects.count() == 1


def test_where_there_is_no_barrier_a_reservation_is_used_by_whose_it_is(api, fay, street):
    reservation = booked(street.capacities.get(), fay, plate="FAY 100")
    answer = begin(api, fay, lot=str(street.pk), plate="FAY 100")
    assert (answer.status_code, answer.json()["reservation"]) == (201, str(reservation.pk))
    assert answer.json()["due"]["amount"] == 0
    reservation.refresh_from_db()
    assert reservation.status == "inside"


def test_a_stranger_does_not_use_up_anothers_reservation(api, fay, street):
    reservation = booked(street.capacities.get(), fay, plate="FAY 100")
    answer = guest(api, street, plate="FAY 100")
    assert (answer.status_code, answer.json()["reservation"]) == (201, None)
    reservation.refresh_from_db()
    assert reservation.status == "confirmed"


# -- Joining what a camera began --


def test_a_driver_joins_the_stay_that_the_camera_began(api, val, fay, lot, capacity):
    stay = entry(api, val, lot, plate="ABC 1234")["session"]["id"]
    answer = begin(api, fay, sign_code=lot.sign_code, plate="abc1234")

    assert (answer.status_code, answer.json()["id"]) == (201, stay)
    assert ParkingSession.objects.get().user == fay
    assert AuditLog.objects.filter(action="parking_session.claimed", entity_id=stay, actor=fay).exists()


def test_joining_with_an_end_prepays_it(api, val, lot, capacity):
    entry(api, val, lot, plate="ABC 1234")
    answer = guest(api, lot, until=in_minutes(350))
    stay = ParkingSession.objects.get()
    assert (answer.status_code, answer.json()["due"]["amount"]) == (201, 2500)
    assert stay.use.ends_at == stay.expires_at


def test_an_end_for_which_there_is_no_room_changes_nothing(api, val, lot, capacity):
    entry(api, val, lot, plate="ABC 1234")
    later = timezone.now() + timedelta(hours=5)
    taking.put(capacity, later, later + timedelta(hours=5), taking.Purpose.RESERVATION, quantity=20)
    assert code(guest(api, lot, until=in_minutes(350))) == (409, "no_space")
    stay = ParkingSession.objects.get()
    assert (stay.expires_at, str(stay.contact_phone)) == (None, "")


def test_a_stay_that_is_somebodys_and_a_car_that_is_not_there_get_one_answer(api, val, fay, stan, lot, capacity):
    """Whoever tries plates learns nothing of others' cars."""
    there(capacity, "FAY 100", user=fay)
    there(capacity, "MAIL 1", contact_email="some@example.com")
    arrived = booked(capacity, fay, plate="BOOKED 1")
    entry(api, val, lot, plate=arrived.plate)
    answers = [begin(api, stan, sign_code=lot.sign_code, plate=plate)
               for plate in ("FAY 100", "MAIL 1", "BOOKED 1", "NOBODY 1")]  # fmt: skip
    told = {(each.status_code, str({**each.json()["error"], "correlation_id": ""})) for each in answers}
    assert len(told) == 1
    assert code(answers[0]) == (409, "car_not_seen")
    assert ParkingSession.objects.filter(user=stan).count() == 0


def test_who_tries_plates_waits(api, lot, capacity, val, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "parked_car": 3}
    entry(api, val, lot, plate="ABC 1234")
    throttling.reset()
    tried = [guest(api, lot, plate=f"TRY {number}").status_code for number in range(4)]
    assert tried == [409, 409, 409, 429]
    # Neither tells the right plate anything then.
    assert guest(api, lot).status_code == 429
    assert ParkingSession.objects.get().contact_phone == ""


# -- By staff --


def test_staff_take_a_car_in_without_a_plate_on_a_numbered_space(api, val, lot, capacity):
    space = ParkingSpace.objects.create(lot=lot, number="B12")
    answer = begin(api, val, lot=str(lot.pk), space=str(space.pk), **CONTACT)

    assert answer.status_code == 201, answer.json()
    assert (answer.json()["origin"], answer.json()["space"], answer.json()["plate"]) == ("staff", "B12", "")
    assert answer.json()["history"][0]["action"] == "parking_session.started"
    assert answer.json()["contact"]["phone"] == "+12125550123"
    assert ParkingSession.objects.get().user is None
    assert code(begin(api, val, lot=str(lot.pk), space=str(space.pk))) == (409, "space_taken")
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 19


def test_staff_of_the_door_are_drivers_as_anybody(api, gus, lot, capacity):
    assert code(begin(api, gus, lot=str(lot.pk), plate="GUS 1")) == (409, "car_not_seen")


def test_a_space_of_another_kind_or_lot_is_refused(api, val, venue, lot, capacity):
    wide = ParkingSpace.objects.create(lot=lot, number="W1", kind="oversize")
    other = ParkingSpace.objects.create(lot=LotFactory(venue=venue), number="X1")
    for asked in ({"space": str(wide.pk), "kind": "standard"}, {"space": str(other.pk)}):
        refused = begin(api, val, lot=str(lot.pk), **asked)
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "space")


def test_staff_use_the_reservation_of_the_plate(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    answer = begin(api, val, lot=str(lot.pk), plate="FAY 100")
    assert answer.json()["reservation"] == str(reservation.pk)
    assert fresh(ParkingSession.objects.get()).user == fay
