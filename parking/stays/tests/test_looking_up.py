"""Pay on foot: the lot's sign and the plate tell what is due and give what pays it; nothing of whose car it is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from parking.models import ParkingLot, ParkingSession
from parking.stays import access
from parking.stays.tests.at_the_gate import booked, there
from parking.stays.tests.parked import SESSIONS, arrive, code
from trufan.lib import throttling
from trufan.testing import CapacityFactory, LotFactory

pytestmark = pytest.mark.django_db
LOOKUP = f"{SESSIONS}/lookup"


def look(api, lot, plate="ABC 1234", who=None, **asked):
    return api.as_(who).post(LOOKUP, {"sign_code": lot.sign_code, "plate": plate, **asked})


@pytest.fixture
def stay(capacity, fay):
    return there(capacity, "ABC 1234", user=fay, contact_email="secret@example.com")


def test_it_tells_what_is_due_and_gives_a_code_that_pays_it(api, lot, stay):
    found = look(api, lot, plate="abc-1234")
    assert found.status_code == 200, found.json()
    assert (found.json()["id"], found.json()["due"]["amount"]) == (str(stay.pk), 700)

    header = {"HTTP_X_PARKING_ACCESS_CODE": found.json()["access_code"]}
    paid = api.post(found.json()["pay"]["pay"], {"payment_method": "pm_card_visa"}, **header)
    assert (paid.status_code, paid.json()["status"]) == (200, "succeeded")


def test_it_tells_nothing_of_whose_it_is_nor_does_the_code(api, lot, stay):
    found = look(api, lot)
    header = {"HTTP_X_PARKING_ACCESS_CODE": found.json()["access_code"]}
    shown = api.get(f"{SESSIONS}/{stay.pk}", **header)
    assert shown.status_code == 200
    for answer in (found, shown):
        text = json.dumps(answer.json())
        assert not any(secret in text for secret in ("secret@example.com", "Fay", str(stay.user_id)))
    assert [shown.json()[name] for name in ("contact", "history", "code")] == [None] * 3
    assert access.code_for(stay) not in f"{found.content!r} {shown.content!r}"


def test_the_code_pays_and_extends_and_ends_nothing(api, venue, fay):
    street = CapacityFactory(lot=LotFactory(venue=venue, has_barrier=False))
    stay = there(street, "ABC 1234", minutes=30, until=30, user=fay)
    header = {"HTTP_X_PARKING_ACCESS_CODE": look(api, street.lot).json()["access_code"]}
    assert api.post(f"{SESSIONS}/{stay.pk}/pay", {"payment_method": "pm_card_visa"}, **header).status_code == 200
    until = {"until": timezone.now() + timedelta(hours=2), "payment_method": "pm_card_visa"}
    assert api.post(f"{SESSIONS}/{stay.pk}/extend", until, **header).json()["status"] == "succeeded"
    assert code(api.post(f"{SESSIONS}/{stay.pk}/end", {}, **header)) == (403, "permission_denied")
    stay.refresh_from_db()
    assert stay.status == "active"


def test_every_plate_without_a_stay_gets_the_same_answer(api, venue, lot, capacity, stay, fay):
    elsewhere = CapacityFactory(lot=LotFactory(venue=venue))
    there(elsewhere, "THERE 1")
    left = there(capacity, "GONE 1")
    ParkingSession.objects.filter(pk=left.pk).update(status="ended", ended_at=timezone.now())
    booked(capacity, fay, plate="BOOKED 1")
    asked = [{"plate": plate} for plate in ("THERE 1", "GONE 1", "BOOKED 1", "NOBODY 1")]
    asked.append({"sign_code": "NOSIGN"})
    answers = [look(api, lot, **each) for each in asked]

    told = {(each.status_code, str({**each.json()["error"], "correlation_id": ""})) for each in answers}
    assert len(told) == 1
    assert code(answers[0]) == (404, "stay_not_found")


def test_a_reserved_stay_is_found_and_owes_nothing_in_its_time(api, fay, lot, capacity):
    arrive(booked(capacity, fay, plate="FAY 100"), timezone.now(), plate="FAY 100", plate_key="FAY100")
    found = look(api, lot, plate="FAY 100")
    assert (found.status_code, found.json()["due"]["amount"]) == (200, 0)


def test_cars_on_a_lot_that_was_closed_are_paid_too(api, lot, stay):
    ParkingLot.objects.filter(pk=lot.pk).update(status="closed")
    assert look(api, lot).status_code == 200


def test_who_is_wrong_too_often_waits_and_who_is_right_does_not(api, fay, lot, stay, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "parked_car": 3}
    throttling.reset()
    assert [look(api, lot).status_code for _ in range(5)] == [200] * 5
    assert [look(api, lot, plate=f"TRY {number}").status_code for number in range(4)] == [404, 404, 404, 429]
    assert look(api, lot).status_code == 429


@pytest.mark.parametrize("asked", [{"plate": "?"}, {"plate": ""}, {"sign_code": ""}])
def test_bad_input_is_named(api, lot, stay, asked):
    refused = look(api, lot, **asked)
    assert refused.status_code == 422
    assert refused.json()["error"]["details"]
