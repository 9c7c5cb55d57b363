"""Stays, charges, reservations and what the gate saw, in the console: found, told in full, put right by buttons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from orders.models import Order
from parking.models import (
    GateEvent,
    ParkingCapacity,
    ParkingCharge,
    ParkingLot,
    ParkingReservation,
    ParkingSession,
    ParkingSpace,
)
from parking.stays import charging, gate
from parking.stays.gate import Seen
from parking.stays.tests.parked import park, reserve
from parking.vehicles import plates
from payments.models import Payment, Refund
from trufan.testing import CapacityFactory, LotFactory
from trufan.tests.console_client import as_, buttons_on, press, url

HOUR = timedelta(hours=1)


def car(capacity: ParkingCapacity, plate: str = "ABC 1234", **how: Any) -> ParkingSession:
    return park(capacity, plate=plate, plate_key=plates.key(plate), **how)


def found(user: User, model: Any, **query: str) -> set[Any]:
    return set(as_(user).get(url(model, "changelist"), query).context["cl"].result_list)


@pytest.fixture
def booked(lot: ParkingLot, capacity: ParkingCapacity, fay: User) -> ParkingReservation:
    """Fay's reservation, which began just now."""
    now = timezone.now()
    order = Order.objects.create(
        venue=lot.venue, user=fay, contact_email=fay.email, status="paid", subtotal=2_000, amount_total=2_000,
        amount_paid=2_000, currency="USD", paid_at=now,
    )  # fmt: skip
    Payment.objects.create(
        payable_type="order", payable_id=order.pk, venue_id=lot.venue_id, payer=fay, reference=order.number,
        provider="sandbox", provider_id="pi_1", amount=2_000, currency="USD", status="succeeded", settled_at=now,
        counted=True,
    )  # fmt: skip
    made = reserve(capacity, order, now - timedelta(minutes=5), now + 3 * HOUR, 2_000)
    made.holder_name = "Fay Fan"
    made.set_plate("FAY 1")
    made.save()
    return made


# -- Found --


@pytest.mark.parametrize("q", ["abc 1234", "ABC-12", "A8C1Z3A"[:4], "guest@example.com", "+12125550100"])
def test_a_stay_is_found_by_plate_or_contact(capacity: ParkingCapacity, val: User, q: str) -> None:
    wanted = car(capacity, contact_email="guest@example.com", contact_phone="+12125550100")
    car(capacity, "XYZ 9999")
    assert found(val, ParkingSession, q=q) == {wanted}


def test_a_stay_is_found_by_its_number(capacity: ParkingCapacity, val: User) -> None:
    wanted, _ = car(capacity), car(capacity, "XYZ 9999")
    assert found(val, ParkingSession, q=wanted.number) == {wanted}


def test_stays_are_narrowed_by_lot_state_and_day(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    local = timezone.now().astimezone(lot.zone)
    since_midnight = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 60
    today, before = car(capacity, minutes=0), car(capacity, "OLD 1", minutes=int(since_midnight) + 5)
    other = car(CapacityFactory(lot=LotFactory(venue=lot.venue)), minutes=0)

    assert found(val, ParkingSession, when="today") == {today, other}
    assert found(val, ParkingSession, when="yesterday") == {before}
    assert found(val, ParkingSession, lot=str(lot.pk)) == {today, before}
    assert found(val, ParkingSession, status__exact="ended") == set()


def test_what_the_gate_saw_is_found_by_plate(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    gate.enter(lot, Seen(nonce="1", plate="ABC 1234"), by=val, now=timezone.now())
    gate.leave(lot, Seen(nonce="2", plate="XYZ 9999"), by=val, now=timezone.now())
    wanted = GateEvent.objects.get(nonce="1")
    assert found(val, GateEvent, q="abc1234") == {wanted}
    text = as_(val).get(url(GateEvent, "changelist")).content.decode()
    assert "Unknown" in text


def test_a_reservation_is_found_by_plate_and_holder(booked: ParkingReservation, val: User) -> None:
    for q in ("fay-1", "Fay", booked.number, booked.order.number):
        assert found(val, ParkingReservation, q=q) == {booked}
    assert found(val, ParkingReservation, when="tomorrow") == set()


# -- Told --


def test_a_stay_tells_its_whole_story(lot: ParkingLot, capacity: ParkingCapacity, olga: User) -> None:
    now = timezone.now()
    stay = gate.enter(lot, Seen(nonce="1", plate="ABC 1234", gate="North"), by=olga, now=now - 2 * HOUR).session
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=now - HOUR)
    press(olga, stay, "note", reason="Lights are on")

    text = as_(olga).get(url(ParkingSession, "change", stay.pk)).content.decode()

    charge = ParkingCharge.objects.get()
    for expected in (charge.number, "$5.00", "pm_card_visa", "North", "Lights are on", "parking_session.started"):
        assert expected in text


def test_an_attendant_reads_the_story_without_the_money_and_the_trail(capacity: ParkingCapacity, val: User) -> None:
    stay = car(capacity)
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())
    press(val, stay, "note", reason="Lights are on")

    text = as_(val).get(url(ParkingSession, "change", stay.pk)).content.decode()

    assert "Lights are on" in text
    assert "pm_card_visa" not in text
    assert "parking_session.noted" not in text


def test_what_is_owed_now_is_told_part_by_part(capacity: ParkingCapacity, val: User) -> None:
    text = as_(val).get(url(ParkingSession, "change", car(capacity).pk)).content.decode()
    assert "To pay now: $7.00" in text


# -- Put right --


def test_each_state_has_its_buttons(capacity: ParkingCapacity, val: User) -> None:
    stay = car(capacity)
    assert buttons_on(val, stay) == {"note", "price", "lost-ticket", "move", "end", "void"}
    assert press(val, stay, "end", reason="Left unseen") == f"{stay} is over."
    stay.refresh_from_db()
    assert buttons_on(val, stay) == {"note", "price", "reopen"}
    press(val, stay, "reopen", reason="Still here")
    stay.refresh_from_db()
    assert stay.status == "active"
    press(val, stay, "void", reason="Misread plate")
    stay.refresh_from_db()
    assert stay.status == "void"
    assert buttons_on(val, stay) == {"note"}


def test_a_price_is_set_and_given_up(capacity: ParkingCapacity, val: User) -> None:
    stay = car(capacity)
    press(val, stay, "price", price="3.50", reason="Gate was broken")
    stay.refresh_from_db()
    assert (stay.price_set, stay.price_reason) == (350, "Gate was broken")
    press(val, stay, "price", price="", reason="By the tariff after all")
    stay.refresh_from_db()
    assert stay.price_set is None


@pytest.mark.parametrize("price", ["-1", "1.234", "much"])
def test_what_is_no_amount_is_asked_again(capacity: ParkingCapacity, val: User, price: str) -> None:
    stay = car(capacity)
    answer = as_(val).post(url(ParkingSession, "button", stay.pk, "price"), {"price": price, "reason": "Because"})
    assert "price" in answer.context["form"].errors
    stay.refresh_from_db()
    assert stay.price_set is None


def test_a_lost_ticket_costs_what_the_lot_asks_or_needs_a_price(
    lot: ParkingLot, capacity: ParkingCapacity, val: User
) -> None:
    stay = car(capacity)
    answer = as_(val).post(url(ParkingSession, "button", stay.pk, "lost-ticket"), {"reason": "Lost"})
    assert "price" in answer.context["form"].errors
    ParkingLot.objects.update(lost_ticket_price=4_000)
    press(val, stay, "lost-ticket", price="", reason="Lost")
    assert "To pay now: $40.00" in as_(val).get(url(ParkingSession, "change", stay.pk)).content.decode()


def test_a_car_is_moved_to_a_numbered_space_of_its_lot(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    stay, space = car(capacity), ParkingSpace.objects.create(lot=lot, number="P7")
    elsewhere = ParkingSpace.objects.create(lot=LotFactory(venue=lot.venue), number="X1")
    answer = as_(val).post(url(ParkingSession, "button", stay.pk, "move"), {"space": elsewhere.pk})
    assert "space" in answer.context["form"].errors
    press(val, stay, "move", space=str(space.pk))
    stay.refresh_from_db()
    assert stay.space == space


def test_a_charge_is_refunded_in_part_and_in_full(capacity: ParkingCapacity, olga: User, val: User) -> None:
    charging.pay(car(capacity), payer=None, payment_method="pm_card_visa", now=timezone.now())
    charge = ParkingCharge.objects.get()
    assert "refund" not in buttons_on(val, charge)
    press(olga, charge, "refund", amount="99", reason="Kindness")
    assert not Refund.objects.exists()

    assert "is under way" in press(olga, charge, "refund", amount="2", reason="Kindness")
    assert "is under way" in press(olga, charge, "refund", amount="", reason="The rest")

    assert sorted(Refund.objects.values_list("amount", flat=True)) == [200, 500]


def test_a_reservation_is_cancelled_and_all_of_it_goes_back(booked: ParkingReservation, olga: User, val: User) -> None:
    assert "cancel" not in buttons_on(val, booked)
    assert press(olga, booked, "cancel", reason="Works on the lot") == f"Reservation {booked} is cancelled."
    assert Refund.objects.get().amount == 2_000


def test_another_car_comes_with_a_reservation(booked: ParkingReservation, val: User) -> None:
    press(val, booked, "plate", plate="new 22")
    booked.refresh_from_db()
    assert booked.plate == "NEW 22"
    assert "A number plate has" in press(val, booked, "plate", plate="?")
