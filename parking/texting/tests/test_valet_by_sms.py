"""READY, ETA and STATUS: a car is asked for by who gave its number; others learn nothing, and none is handed over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification, SmsNumber
from notifications.sms import text
from notifications.sms.tests.conftest import FAYS, OURS
from parking.models import ValetTicket
from parking.stays import access, charging
from parking.stays.tests.parked import fresh
from parking.valet import moves, pins

pytestmark = pytest.mark.django_db
GUSES = "+12125550124"


@pytest.fixture
def car(drop) -> ValetTicket:
    """Fay's Volvo: she left her number at the desk."""
    return drop("ABC 123", phone=FAYS, vehicle="Blue Volvo")


def test_ready_asks_for_the_car_and_says_what_it_costs(caller, number, car, val):
    answer = caller.answer("Ready")
    car.refresh_from_db()
    assert (car.status, car.requested_by) == ("requested", "sms")
    assert answer.startswith("Car 1 (Blue Volvo) will be here in about")
    assert f"To pay: $20.00 {access.payer_link(car.session)}" in answer
    assert text.measure(answer).segments <= 2


def test_asked_again_it_stays_asked_for(caller, number, car):
    caller.answer("READY")
    first = ValetTicket.objects.get().requested_at
    assert "Car 1" in caller.answer("READY 1")
    assert ValetTicket.objects.get().requested_at == first


def test_who_has_paid_is_asked_for_nothing(caller, number, car, fay):
    charging.pay(fresh(car.session), payer=None, payment_method="pm_card_visa", now=timezone.now())
    assert "To pay" not in caller.answer("READY")


def test_each_step_is_told(caller, number, car, val):
    now = timezone.now()
    assert "is parked" in caller.answer("STATUS")
    caller.answer("READY")
    moves.fetch(car, by=val, now=now)
    assert "on its way" in caller.answer("ETA")
    moves.ready(car, by=val, now=now)
    answer = caller.answer("STATUS")
    assert "is ready. Give your ticket's PIN" in answer
    assert pins.pin_for(car) not in answer


def test_eta_tells_how_long_and_with_minutes_asks_for_then(caller, number, car):
    assert "about" in caller.answer("ETA")
    assert ValetTicket.objects.get().status == "dropped_off"
    before = timezone.now()
    answer = caller.answer("ETA 40")
    row = ValetTicket.objects.get()
    assert row.status == "requested"
    assert timedelta(minutes=39) < row.wanted_at - before <= timedelta(minutes=41)
    assert f"{row.wanted_at.astimezone(car.lot.zone):%H:%M}" in answer
    for words in ("ETA 40 min", "ETA 40min ABC123", "eta 40 1"):
        assert "will be here" in caller.answer(words)


def test_several_cars_are_told_apart_by_number_or_plate(caller, number, car, drop):
    drop("XYZ 789", phone=FAYS)
    answer = caller.answer("READY")
    assert answer == "Which car? Write READY and one of: 1 (Blue Volvo), 2 (XYZ 789)."
    assert not ValetTicket.objects.filter(status="requested").exists()
    assert "Car 2" in caller.answer("READY xyz-789")
    assert list(ValetTicket.objects.filter(status="requested").values_list("number", flat=True)) == [2]
    assert "Which car?" in caller.answer("READY 7")
    assert caller.answer("STATUS").count("\n") == 1


@pytest.mark.parametrize("command", ["READY", "READY 1", "READY ABC123", "ETA", "ETA 20", "STATUS", "STATUS ABC123"])
def test_nobody_learns_of_anothers_car(caller, number, car, command):
    answer = caller.answer(command, sender=GUSES)
    assert not {"Volvo", "ABC", "$", "North"} & set(answer.replace("(", " ").split())
    assert ValetTicket.objects.get().status == "dropped_off"


def test_a_car_at_another_venue_is_not_known_at_this_number(caller, other_venue, car):
    SmsNumber.objects.create(number=OURS, venue_id=other_venue.pk)
    assert "no car" in caller.answer("READY")
    assert "Car 1" in caller.answer("READY", to="+12125550999")


def test_an_account_is_known_by_its_proven_number_alone(caller, number, drop, fay):
    drop("ABC 123", user=fay)
    fay.phone = FAYS
    fay.save()
    assert "no car" in caller.answer("READY")
    fay.phone_verified_at = timezone.now()
    fay.save()
    assert "Car 1" in caller.answer("READY")


def test_who_has_the_ticket_asks_by_its_number_and_pin(caller, number, drop):
    ticket = drop("ABC 123")
    assert "Car 1" in caller.answer(f"READY 1 {pins.pin_for(ticket)}", sender=GUSES)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.requested_by) == ("requested", "sms")


def test_guessing_pins_ends_soon(caller, number, drop):
    ticket = drop("ABC 123")
    wrong = f"{(int(pins.pin_for(ticket)) + 1) % 100_000:05}"
    answers = [caller.answer(f"READY 1 {wrong}", sender=GUSES) for _ in range(6)]
    assert "does not open" in answers[0]
    assert "Too many wrong PINs" in answers[-1]
    assert caller.answer("LISTO 1 00000", sender=GUSES).startswith("Demasiados")
    assert ValetTicket.objects.get().status == "dropped_off"


def test_what_was_handed_over_is_gone(caller, number, car, val):
    now = timezone.now()
    moves.request(car, channel="desk", by=val, now=now)
    moves.ready(car, by=val, now=now)
    moves.hand_over(car, by=val, now=now, reason="Known", unpaid=True)
    assert "no car" in caller.answer("READY")


def test_nothing_is_ever_handed_over_by_a_message(caller, number, car):
    for words in ("READY", "OUT", "STOP PARKING", "STOP ABC123", "STOP"):
        caller.answer(words)
    car.refresh_from_db()
    assert (car.status, fresh(car.session).status) == ("requested", "active")


def test_spanish_is_answered_in_spanish(caller, number, car):
    assert caller.answer("listo").startswith("Coche 1 (Blue Volvo) llega en unos")
    assert "A pagar" in caller.answer("estado")


def test_the_answer_costs_nobody_a_message_more(caller, number, car):
    caller.answer("READY")
    assert not Notification.objects.filter(channel="sms").exists()
