"""Many drivers want the last spaces at the same moment: none is sold twice, and none is left that could be sold."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders import cancellation, expiry, refunding
from orders import changing as order_changing
from orders.cart import cart_lines
from orders.errors import SoldOut
from orders.models import Order
from orders.tests.carts import place
from parking.booking import cancelling, changing
from parking.booking.tests.booked import offered, reserved, tomorrow
from parking.models import SpaceUse
from parking.spaces import counting
from parking.stays import charging
from payments import charges, refunds
from payments.models import Payment
from ticketing.tests.sales import GUEST
from trufan.lib.errors import DomainError
from trufan.testing import CapacityFactory, LotFactory, TicketTypeFactory, UserFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DRIVERS, SPACES, AT_ONCE = 300, 20, 30
HOUR = timedelta(hours=1)


def test_300_drivers_and_the_last_20_spaces(capacity):
    """Windows of one to six hours, overlapping at random, all quoted before anybody buys."""
    dice = random.Random(20)
    offers = [
        offered(capacity, starts_at=tomorrow(8) + timedelta(hours=dice.randrange(10)), hours=dice.randint(1, 6))
        for _ in range(DRIVERS)
    ]

    def buy(number):
        answers = []
        for offer in offers[number::AT_ONCE]:
            try:
                answers.append(place(None, (offer, 1), contact=GUEST))
            except SoldOut as refusal:
                answers.append(refusal)
        return answers

    answers = [answer for answers in at_once(AT_ONCE, buy) for answer in answers]
    sold = [answer for answer in answers if isinstance(answer, Order)]
    assert len(answers) == DRIVERS
    assert SpaceUse.objects.filter(is_active=True).count() == len(sold)
    now = timezone.now()
    spans = list(SpaceUse.objects.filter(is_active=True).values_list("starts_at", "ends_at", "quantity"))
    hours = [tomorrow(8) + timedelta(hours=hour) for hour in range(16)]
    taken = [counting.peak(spans, hour, hour + timedelta(hours=1)) for hour in hours]
    assert max(taken) == SPACES
    ordered = {answer.items.get().item_id for answer in sold}
    for offer in offers:
        # Who got none was refused rightly: somewhere in the window nothing is left.
        if offer.pk not in ordered:
            assert counting.left(capacity, offer.starts_at, offer.ends_at, now) == 0


def test_carts_over_two_lots_in_opposite_order_do_not_wait_for_each_other(venue):
    kinds = [CapacityFactory(lot=LotFactory(venue=venue), spaces=100) for _ in range(2)]
    carts = [[offered(kind) for kind in (kinds if number % 2 else reversed(kinds))] for number in range(16)]
    answers = at_once(16, lambda number: place(None, *((offer, 1) for offer in carts[number]), contact=GUEST))
    assert all(isinstance(answer, Order) for answer in answers)


def test_mixed_carts_that_are_placed_paid_changed_and_cancelled_never_lock_each_other_up(venue, event):
    """Tickets and two lots in either order, by buyers who do everything at once, with the sweeps going round."""
    kinds = [CapacityFactory(lot=LotFactory(venue=venue), spaces=9) for _ in range(2)]
    ticket = TicketTypeFactory(event=event)
    carts = [[offered(kind) for kind in (kinds if number % 2 else reversed(kinds))] for number in range(12)]
    more = [offered(kinds[number % 2]) for number in range(12)]

    def act(number):
        now = timezone.now()
        if number == 12:
            return expiry.expire_overdue(now), cancelling.give_up_no_shows(now), changing.lapse_due(now)
        first, second = carts[number]
        order = place(None, (first, 1), (ticket, 1), (second, 1), contact=GUEST)
        lines = [("ticket", ticket.pk, 2), ("parking", second.pk, 1), ("parking", more[number].pk, 1)]
        with suppress(SoldOut):
            order_changing.change_order(order, lines=cart_lines(lines), by=None, now=timezone.now())
        if number % 3:
            charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now())
        else:
            cancellation.cancel(order, by=None, now=timezone.now())
        return Order.objects.get(pk=order.pk)

    answers = at_once(13, act)
    assert {type(answer) for answer in answers[:12]} <= {Order, SoldOut}
    assert {answer.status for answer in answers[:12] if isinstance(answer, Order)} <= {"paid", "cancelled"}
    assert any(isinstance(answer, Order) and answer.status == "paid" for answer in answers[:12])
    call_command("check_inventory")
    call_command("check_books")


def test_a_reservation_that_is_paid_for_changed_and_cancelled_at_once_keeps_money_and_space(capacity):
    fans = [UserFactory() for _ in range(4)]
    booked = [reserved(fan, capacity, starts_at=tomorrow(8 + number)) for number, fan in enumerate(fans)]
    dearer = [
        changing.change(each, changing.Wanted(ends_at=each.ends_at + HOUR), by=fan, now=timezone.now())
        for each, fan in zip(booked, fans, strict=True)
    ]

    def act(number):
        each, fan, now = booked[number % 4], fans[number % 4], timezone.now()
        if number < 4:
            charge = dearer[number].charges.get()
            return charging.pay_charge(charge, payer=fan, payment_method="pm_card_visa", now=now)
        if number < 8:
            return changing.change(each, changing.Wanted(ends_at=each.ends_at - HOUR), by=fan, now=now)
        if number < 12:
            return cancelling.cancel(each, by=fan, by_buyer=True, reason="Ill", now=now)
        return refunding.request(each.order, by=None, reason="Flooded", now=now)

    answers = at_once(16, act)
    assert all(not isinstance(answer, Exception) or isinstance(answer, DomainError) for answer in answers)
    refunds.execute_due(timezone.now() + HOUR)
    for each in booked:
        each.refresh_from_db()
        assert each.status == "cancelled"
    paid = Payment.objects.filter(status="succeeded")
    assert sum(each.amount - each.amount_refunded for each in paid) == 0
    assert not SpaceUse.objects.filter(is_active=True).exists()
    call_command("check_inventory")
    call_command("check_books")


def test_one_quote_bought_twice_at_once_is_one_space(capacity):
    offer = offered(capacity)
    answers = at_once(6, lambda number: place(None, (offer, 1), contact=GUEST))
    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert SpaceUse.objects.filter(is_active=True).count() == 1
