"""Who has the paper ticket has the car: with number and PIN it is asked for, followed, paid and tipped for."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.errors import NotValetParked, PinLocked, WrongPin
from parking.models import ParkingSession, ValetTicket
from parking.valet import moves, pins, requesting
from parking.valet.tests.cars import TICKETS, act, code

pytestmark = pytest.mark.django_db
REQUESTS, STATUS = "/api/v1/parking/valet/requests", "/api/v1/parking/valet/status"


def paper(ticket, **more):
    """What stands on it."""
    return {"sign_code": ticket.lot.sign_code.lower(), "number": ticket.number, "pin": pins.pin_for(ticket), **more}


def test_it_is_asked_for_with_number_and_pin(api, drop):
    ticket = drop()
    assert api.post(STATUS, paper(ticket)).json()["status"] == "dropped_off"
    answer = api.post(REQUESTS, paper(ticket)).json()
    assert (answer["status"], answer["place_in_queue"], answer["minutes"]) == ("requested", 1, 10)
    ticket.refresh_from_db()
    assert ticket.requested_by == "ticket"
    assert code(api.post(REQUESTS, paper(ticket, number=9))) == (409, "not_valet_parked")
    by_id = {**paper(ticket), "sign_code": "", "lot": str(ticket.lot_id)}
    assert api.post(STATUS, by_id).json()["status"] == "requested"


def test_the_pin_is_shown_to_staff_once_and_stored_nowhere(api, val, valet):
    made = api.as_(val).post(TICKETS, {"lot": str(valet.lot_id)}).json()
    ticket = ValetTicket.objects.get()
    assert made["pin"] == pins.pin_for(ticket)
    assert api.as_(val).get(f"{TICKETS}/{ticket.pk}").json()["pin"] is None
    assert made["pin"] not in str(ValetTicket.objects.values()) + str(AuditLog.objects.values("new_values"))


def test_tickets_have_pins_of_their_own_that_outlive_a_rotation_of_the_key(drop, settings):
    one, other = drop(), drop()
    pin = pins.pin_for(one)
    assert pin != pins.pin_for(other)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-is-long-enough-to-be-one-of-these"
    assert pins.pin_for(one) != pin
    pins.check(one, pin)


def test_wrong_pins_are_counted_and_only_staff_open_the_ticket_again(api, drop, val, fay):
    ticket = drop()
    for _ in range(pins.MOST_WRONG):
        refused = api.post(STATUS, paper(ticket, pin="x"))
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "pin")
    assert code(api.post(STATUS, paper(ticket))) == (409, "pin_locked")
    assert code(act(api, val, ticket, "hand-over", pin=pins.pin_for(ticket))) == (409, "pin_locked")
    assert act(api, fay, ticket, "reset-pin").status_code == 404
    assert act(api, val, ticket, "reset-pin").json()["wrong_pins"] == 0
    assert api.post(STATUS, paper(ticket)).status_code == 200


def test_the_right_pin_forgives_the_wrong_ones(drop):
    ticket = drop()
    with pytest.raises(WrongPin):
        pins.check(ticket, "x")
    pins.check(ticket, f" {pins.pin_for(ticket)} ")
    ticket.refresh_from_db()
    assert ticket.wrong_pins == 0


def test_guessing_is_slowed_down_and_being_right_never(api, drop, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "parked_car": 3}
    ticket = drop()
    assert [api.post(STATUS, paper(ticket)).status_code for _ in range(5)] == [200] * 5
    wrong = [api.post(STATUS, paper(ticket, number=n)).status_code for n in range(50, 55)]
    assert wrong == [409, 409, 409, 429, 429]


def test_its_access_code_pays_and_tips_for_a_guest(api, val, drop):
    ticket = drop()
    moves.request(ticket, channel="desk", by=val, now=timezone.now())
    shown = api.post(STATUS, paper(ticket)).json()
    assert (shown["amount_due"], shown["currency"]) == (2_000, "USD")
    key = {"HTTP_X_PARKING_ACCESS_CODE": shown["access_code"]}
    paid = api.post(f"/api/v1/parking/sessions/{shown['session']}/pay", {"payment_method": "pm_card_visa"}, **key)
    assert paid.json()["status"] == "succeeded"
    assert api.get(f"{TICKETS}/{ticket.pk}", **key).json()["amount_due"] == 0
    tipped = api.post(f"{TICKETS}/{ticket.pk}/tip", {"amount": 300, "payment_method": "pm_card_visa"}, **key)
    assert (tipped.json()["status"], tipped.json()["amount"]) == ("succeeded", 300)
    for url in (f"{TICKETS}/{ticket.pk}/tip", f"{TICKETS}/{ticket.pk}/request"):
        assert api.post(url, {"amount": 300}).status_code == 404


def test_who_is_signed_in_has_the_stay_in_the_app_from_then_on(api, fay, stan, drop):
    ticket = drop()
    api.as_(fay).post(REQUESTS, paper(ticket))
    assert ParkingSession.objects.get().user == fay
    api.as_(stan).post(REQUESTS, paper(ticket))
    assert ParkingSession.objects.get().user == fay
    assert api.as_(fay).get(f"{TICKETS}/{ticket.pk}").json()["status"] == "requested"
    assert AuditLog.objects.filter(action="parking_session.adopted").count() == 1


def test_it_is_asked_for_by_sms(lot, drop):
    ticket, now = drop(), timezone.now()
    row = requesting.by_number(lot, 1, pins.pin_for(ticket), ValetTicket.Channel.SMS, now)
    assert (row.status, row.requested_by, row.session.user) == ("requested", "sms", None)
    with pytest.raises(WrongPin):
        requesting.by_number(lot, 1, "00", ValetTicket.Channel.SMS, now)
    ValetTicket.objects.update(wrong_pins=pins.MOST_WRONG)
    with pytest.raises(PinLocked):
        requesting.by_number(lot, 1, pins.pin_for(ticket), ValetTicket.Channel.SMS, now)
    with pytest.raises(NotValetParked):
        requesting.by_number(lot, 2, "00", ValetTicket.Channel.SMS, now)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"number": 0}, "number"),
        ({"pin": ""}, "pin"),
        ({"sign_code": "NOSUCH"}, "sign_code"),
        ({"sign_code": ""}, "lot"),
        ({"wanted_at": "2020-01-01T10:00:00Z"}, "wanted_at"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(api, drop, more, field):
    refused = api.post(REQUESTS, paper(drop(), **more))
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, field)
    assert ValetTicket.objects.get().status == "dropped_off"
