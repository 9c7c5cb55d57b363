"""Changing orders while others buy: what stays is never let go of, and nobody waits in a ring."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders import changing
from orders.cart import cart_lines
from orders.errors import OrderNotChangeable, SoldOut
from orders.models import Order
from orders.tests.carts import place
from payments import charges
from payments.errors import PaymentInProgress
from payments.models import Payment
from ticketing.inventory_check import differences
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def event():
    return EventFactory()


def change(order, *lines):
    asked = cart_lines(("ticket", thing.pk, quantity) for thing, quantity in lines)
    return changing.change_order(order, lines=asked, by=order.user, now=timezone.now())


def test_the_last_piece_stays_with_the_order_that_holds_it(event):
    last, plenty = TicketTypeFactory(event=event, quantity=1), TicketTypeFactory(event=event)
    order = place(UserFactory(), (last, 1))
    buyers = UserFactory.create_batch(8)

    def act(n: int) -> object:
        if n % 2:
            return place(buyers[n // 2], (last, 1))
        return change(order, (plenty, n % 3 + 1), (last, 1))

    answers = at_once(16, act)

    assert all(isinstance(answer, SoldOut) for answer in answers[1::2])
    assert all(isinstance(answer, Order) for answer in answers[::2])
    last.refresh_from_db()
    assert last.held == 1
    assert not list(differences())


def test_orders_that_swap_their_things_never_lock_each_other_up(event):
    things = [TicketTypeFactory(event=event, quantity=9) for _ in range(3)]
    orders = [place(UserFactory(), (things[n % 3], 3)) for n in range(9)]

    answers = at_once(18, lambda n: change(orders[n % 9], (things[(n + 1) % 3], 3), (things[(n + 2) % 3], 1)))

    assert {type(answer) for answer in answers} <= {Order, SoldOut}
    for thing in things:
        thing.refresh_from_db()
        assert thing.held + thing.sold <= thing.quantity
    assert not list(differences())


def test_paying_and_changing_at_once_charges_what_the_order_comes_to(event):
    thing = TicketTypeFactory(event=event)
    for _ in range(4):
        buyer = UserFactory()
        order = place(buyer, (thing, 1))

        def act(n: int, order: Order = order, buyer: object = buyer) -> object:
            now = timezone.now()
            if n:
                return change(order, (thing, n + 1))
            return charges.start(order, payer=buyer, payment_method="pm_card_visa", now=now)

        answers = at_once(3, act)

        order.refresh_from_db()
        paid = Payment.objects.of(order).filter(status="succeeded")
        assert [payment.amount for payment in paid] in ([], [order.amount_total])
        if order.status == "paid":
            assert order.tickets.count() == sum(item.quantity for item in order.items.all())
        assert {type(answer) for answer in answers} <= {Order, Payment, PaymentInProgress, OrderNotChangeable}
    assert not list(differences())
