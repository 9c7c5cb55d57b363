"""The kitchen, the buyer and the box office at once: one thing happens, and the money is right."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders import refunding
from orders.kitchen import ending, moves
from orders.kitchen.tests.kitchens import order_food, ordered
from orders.models import Fulfilment, Order, OrderRefund
from payments.models import Refund
from trufan.lib.errors import DomainError
from trufan.testing import OutletFactory, ProductVariantFactory, TicketTypeFactory, UserFactory, VenueFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stand():
    return OutletFactory(venue=VenueFactory())


@pytest.fixture
def burger(stand):
    return ProductVariantFactory(product__outlet=stand)


@pytest.fixture
def buyer(db):
    return UserFactory()


def refuse(row):
    return ending.refuse(row, reason="Closed", by=None, now=timezone.now())


def give_up(row):
    return ending.cancel_by_buyer(row, by=None, now=timezone.now())


def refund(row):
    return refunding.request(row.order, by=None, reason="Rain", now=timezone.now())


def accept(row):
    return moves.step(row, "accept", by=None, now=timezone.now())


@pytest.mark.parametrize("_", range(2))
@pytest.mark.parametrize(
    "deeds", [(refuse, give_up), (refuse, refund), (refuse, refund, give_up, accept), (refuse, refuse, refund)]
)
def test_refusing_while_the_buyer_or_the_box_office_gives_it_back(buyer, burger, deeds, _):
    row = ordered(buyer, (burger, 2))

    at_once(len(deeds), lambda n: deeds[n](row))

    row.refresh_from_db()
    order = Order.objects.get()
    assert row.status in ("refused", "cancelled")
    assert (order.status, order.amount_refunded) == ("refunded", order.amount_paid)
    assert Refund.objects.filter(status="succeeded").count() == OrderRefund.objects.count() == 1
    burger.refresh_from_db()
    assert (burger.held, burger.sold, burger.left) == (0, 0, 100)


@pytest.mark.parametrize("_", range(4))
def test_either_the_kitchen_takes_it_or_the_buyer_gives_it_up(buyer, burger, _):
    row = ordered(buyer, (burger, 1))
    taken, given_up = at_once(2, lambda n: (accept, give_up)[n](row))
    row.refresh_from_db()
    order = Order.objects.get()
    if isinstance(taken, DomainError):
        assert (row.status, order.amount_refunded) == ("cancelled", order.amount_paid)
    else:
        assert isinstance(given_up, DomainError)
        assert (row.status, order.amount_refunded, order.status) == ("accepted", 0, "paid")


@pytest.mark.parametrize("_", range(2))
def test_two_outlets_refuse_one_order_while_some_of_it_is_refunded(buyer, burger, _):
    beer = ProductVariantFactory(product__outlet=OutletFactory(venue=burger.product.outlet.venue), price=700)
    order = order_food(buyer, (burger, 2), (beer, 3))
    rows = list(order.fulfilments.all())
    at_once(3, lambda n: refuse(rows[n]) if n < 2 else refund(rows[0]))
    order.refresh_from_db()
    assert {row.status for row in order.fulfilments.all()} <= {"refused", "cancelled"}
    assert (order.status, order.amount_refunded) == ("refunded", 4_500)
    for thing in (burger, beer):
        thing.refresh_from_db()
        assert thing.sold == 0


def test_a_step_is_taken_once_however_many_touch_it(buyer, burger):
    row = ordered(buyer, (burger, 1))
    assert {each.status for each in at_once(6, lambda n: accept(row))} == {"accepted"}


def test_orders_paid_at_once_have_numbers_of_their_own(stand, burger, monkeypatch):
    """Nobody sees the others' numbers while they choose; the unique index sends the slower ones back."""
    monkeypatch.setattr("orders.kitchen.numbers._SHORT", range(100, 108))
    buyers = [UserFactory() for _ in range(6)]
    answers = at_once(6, lambda n: order_food(buyers[n], (burger, 1)).status)
    assert answers == ["paid"] * 6
    numbers = list(Fulfilment.objects.values_list("pickup_number", flat=True))
    assert len(set(numbers)) == 6


def test_two_kitchens_fill_at_once_without_waiting_in_a_ring(stand, burger, monkeypatch):
    monkeypatch.setattr("orders.kitchen.numbers._SHORT", range(100, 108))
    beer = ProductVariantFactory(product__outlet=OutletFactory(venue=stand.venue))
    ticket = TicketTypeFactory(event__venue=stand.venue)
    buyers = [UserFactory() for _ in range(6)]
    carts = [[(burger, 1), (beer, 1), (ticket, 1)], [(ticket, 1), (beer, 1), (burger, 1)]]
    answers = at_once(6, lambda n: order_food(buyers[n], *carts[n % 2]).status)
    assert answers == ["paid"] * 6
    assert Fulfilment.objects.count() == 12
