"""Charges that pay no stay: a tip for the valet, and what another window of a reservation costs on top."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from notifications.models import Notification
from parking import booking
from parking.errors import ChargeNotPayable, NotValetParked
from parking.models import ParkingCharge, ReservationChange, ValetTicket
from parking.stays import charging, fees
from parking.stays.tests.parked import charge_url, confirm, fresh, park, reserve, send_back
from payments.payable import CannotFulfil
from payments.tests.factories import OrderFactory
from payments.tests.sharing import assert_books_hold, recipient
from trufan.lib.errors import Invalid
from venues.models import FeeRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(capacity, fay):
    return park(capacity, user=fay)


def tip(stay, amount, method="pm_card_visa"):
    return charging.tip(stay, amount=amount, payer=stay.user, payment_method=method, now=timezone.now())


def hand_over(stay, val):
    ValetTicket.objects.create(lot=stay.lot, session=stay, number=7, taken_by=val)


def test_a_tip_is_the_lots_in_full_and_pays_nothing_of_the_stay(venue, lot, val, stay):
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="buyer", fixed=35)
    lot.connected_account = recipient(venue, "Valet Ltd")
    lot.save()
    hand_over(stay, val)
    payment = tip(stay, 500)

    assert (payment.status, payment.amount) == ("succeeded", 500)
    assert [(split.account_id, split.reason) for split in payment.splits.all()] == [(lot.connected_account_id, "tip")]
    assert fees.due(fresh(stay), timezone.now()).amount == 700
    assert fresh(stay).leave_by is None
    assert_books_hold([payment])


def test_asked_again_with_another_amount_the_first_is_given_up(val, stay):
    hand_over(stay, val)
    tip(stay, 500, "")
    assert tip(stay, 300).amount == 300
    assert sorted(ParkingCharge.objects.values_list("kind", "status")) == [("tip", "cancelled"), ("tip", "paid")]


def test_a_tip_and_a_stay_wait_beside_each_other(fay, val, stay):
    hand_over(stay, val)
    tip(stay, 500, "")
    charging.pay(stay, payer=fay, payment_method="", now=timezone.now())
    assert sorted(ParkingCharge.objects.values_list("kind", "status")) == [("stay", "pending"), ("tip", "pending")]


def test_no_valet_no_tip_and_no_slip_of_the_finger(val, stay):
    with pytest.raises(NotValetParked):
        tip(stay, 500)
    hand_over(stay, val)
    for amount in (0, 10_001):
        with pytest.raises(Invalid):
            tip(stay, amount)
    assert not ParkingCharge.objects.exists()


@pytest.fixture
def change(capacity, fay):
    now = timezone.now()
    booked = reserve(
        capacity, OrderFactory(venue=capacity.lot.venue, user=fay, contact_email="fay@example.com"),
        now + timedelta(hours=2), now + timedelta(hours=4), 900,
    )  # fmt: skip
    return ReservationChange.objects.create(
        reservation=booked,
        capacity=capacity,
        starts_at=booked.starts_at,
        ends_at=booked.ends_at + timedelta(hours=1),
        price=1_300,
        difference=400,
        parts=[{"kind": "base", "words": "3 h", "amount": 1_300}, {"kind": "paid", "words": "Paid", "amount": -900}],
        expires_at=now + timedelta(minutes=15),
    )


@pytest.fixture
def applied(monkeypatch):
    """What `booking.changing.apply` is asked for, which that room's own tests are about."""
    changing = mock.Mock()
    monkeypatch.setattr(booking, "changing", changing, raising=False)
    monkeypatch.setitem(__import__("sys").modules, "parking.booking.changing", changing)
    return changing.apply


def pay_change(change, method="pm_card_visa"):
    charge = charging.open_for_change(change, timezone.now())
    return charging.pay_charge(charge, payer=None, payment_method=method, now=timezone.now())


def test_a_change_is_applied_once_it_is_paid(venue, change, applied):
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="buyer", fixed=35, ppm=100_000)
    payment = pay_change(change, "")
    assert not applied.called
    assert charging.open_for_change(change, timezone.now()).pk == payment.payable_id
    # The reservation bore the fixed fee in its cart.
    assert payment.amount == 440
    confirm(payment)
    assert applied.call_args.args[0] == change
    assert ParkingCharge.objects.get().status == "paid"


def test_money_for_a_change_that_is_no_longer_possible_is_returned(change, applied):
    applied.side_effect = CannotFulfil("The space went.")
    payment = pay_change(change)
    charge = ParkingCharge.objects.get()
    send_back(charge)
    charge.refresh_from_db()
    payment.refresh_from_db()
    assert (charge.status, payment.amount_refunded, charge.paid_at) == ("cancelled", 400, None)
    assert_books_hold()


def test_a_change_whose_time_is_up_is_not_paid(change, applied):
    ReservationChange.objects.update(expires_at=timezone.now())
    with pytest.raises(ChargeNotPayable):
        pay_change(ReservationChange.objects.get())
    assert not applied.called


def test_what_is_given_up_is_no_longer_paid(change, applied):
    charge = charging.open_for_change(change, timezone.now())
    charging.cancel_open(change, timezone.now())
    with pytest.raises(ChargeNotPayable):
        charging.pay_charge(charge, payer=None, payment_method="pm_card_visa", now=timezone.now())


def test_who_may_reach_the_order_reads_the_receipt_of_the_change(api, fay, stan, change, applied):
    pay_change(change)
    charge = ParkingCharge.objects.get()
    answers = [api.as_(who).get(charge_url(charge, "receipt")) for who in (fay, stan, None)]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    page = answers[0].content.decode()
    assert change.reservation.number in page and "$4.00" in page
    told = Notification.objects.get(template="parking_receipt")
    assert (told.recipient, told.context["number"]) == ("fay@example.com", change.reservation.number)
