"""A paid product reaches its outlet, with a number and a promise."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.kitchen import numbers
from orders.kitchen.promise import LONGEST, ahead_at, promised
from orders.kitchen.tests.kitchens import bring_to, order_food, ordered
from orders.models import Fulfilment, OrderItem, Outlet
from trufan.lib.ids import uuid7
from trufan.testing import OutletFactory, ProductVariantFactory

pytestmark = pytest.mark.django_db


def test_a_product_is_bought_with_a_ticket_in_one_payment(api, fay, venue, ticket_type):
    burger = ProductVariantFactory(product__outlet=OutletFactory(venue=venue))
    lines = [
        {"type": "ticket", "id": ticket_type.pk, "quantity": 1},
        {"type": "product", "id": burger.pk, "quantity": 2},
    ]
    order = api.as_(fay).post("/api/v1/orders", {"items": lines}, format="json")
    assert order.status_code == 201, order.json()

    paid = api.as_(fay).post(f"/api/v1/orders/{order.json()['id']}/pay", {}, format="json")

    assert paid.json()["status"] == "succeeded"
    burger.refresh_from_db()
    assert (burger.held, burger.sold, burger.left) == (0, 2, 98)
    fulfilment = Fulfilment.objects.get()
    assert (fulfilment.outlet, fulfilment.status) == (burger.product.outlet, "placed")
    assert OrderItem.objects.get(item_type="product").fulfilment == fulfilment


def test_the_buyer_sees_it_on_the_order(api, fay, burger, stand):
    order = order_food(fay, (burger, 1))
    shown = api.as_(fay).get(f"/api/v1/orders/{order.pk}").json()
    (fulfilment,) = shown["fulfilments"]
    assert fulfilment["outlet"] == {"id": str(stand.pk), "name": "Burger Stand", "location": ""}
    assert (fulfilment["status"], fulfilment["items"]) == ("placed", [shown["items"][0]["id"]])
    assert 100 <= fulfilment["pickup_number"] <= 999
    assert fulfilment["delivery"]["method"] == "pickup"


def test_the_order_page_costs_the_same_for_many_outlets(api, fay, venue, django_assert_num_queries):
    def cart(count):
        return [(ProductVariantFactory(product__outlet=OutletFactory(venue=venue)), 1) for _ in range(count)]

    for order in (order_food(fay, *cart(1)), order_food(fay, *cart(4))):
        with django_assert_num_queries(11):
            assert api.as_(fay).get(f"/api/v1/orders/{order.pk}").status_code == 200


def test_one_fulfilment_for_each_outlet_each_with_its_own_lines(fay, venue, burger):
    beer = ProductVariantFactory(product__outlet=OutletFactory(venue=venue), product__minimum_age=21)
    order = order_food(fay, (burger, 1), (beer, 2))
    found = {row.outlet_id: row for row in order.fulfilments.all()}
    assert set(found) == {burger.product.outlet_id, beer.product.outlet_id}
    assert [item.item_id for item in found[beer.product.outlet_id].items.all()] == [beer.pk]
    assert {row.needs_age_check for row in found.values()} == {True, False}


def test_no_two_open_orders_of_an_outlet_have_one_number(fay, burger, monkeypatch):
    first = ordered(fay, (burger, 1))
    monkeypatch.setattr("orders.kitchen.placing.numbers.free", _as_before(first.pickup_number))
    second = ordered(fay, (burger, 1))
    assert second.pickup_number != first.pickup_number


def _as_before(number):
    """Chooses what is taken the first time, as somebody does who read before another wrote."""
    answers = iter([number])
    return lambda key, taken: next(answers, None) or next(n for n in range(100, 1_000) if n not in taken)


def test_a_number_is_free_again_once_it_was_handed_over(fay, burger):
    done = bring_to(ordered(fay, (burger, 1)), "ready", "pick-up")
    again = ordered(fay, (burger, 1))
    Fulfilment.objects.filter(pk=again.pk).update(pickup_number=done.pickup_number)
    assert Fulfilment.objects.filter(pickup_number=done.pickup_number).count() == 2


@pytest.mark.parametrize(("open_ones", "digits"), [(0, 3), (599, 3), (600, 4), (700, 4)])
def test_numbers_are_short_and_free(open_ones, digits):
    taken = set(range(100, 100 + open_ones))
    for _ in range(50):
        number = numbers.free(uuid7(), taken)
        assert number not in taken
        assert len(str(number)) == digits


def test_there_is_always_a_number():
    assert numbers.free(UUID(int=7), set(range(10_000))) == 10_000


@pytest.mark.parametrize(
    ("ahead", "busy", "seconds"),
    [(0, False, 300), (3, False, 300), (4, False, 600), (8, False, 900), (0, True, 900), (4, True, 1_800),
     (500, False, 7_200), (500, True, 7_200)],
)  # fmt: skip
def test_the_promise_grows_with_the_queue_and_is_bounded(stand, ahead, busy, seconds):
    stand.status = Outlet.Status.BUSY if busy else Outlet.Status.OPEN
    now = timezone.now()
    assert promised(stand, ahead, now) == now + timedelta(seconds=seconds)
    assert promised(stand, ahead, now) <= now + LONGEST


def test_what_is_ready_keeps_nobody_waiting(fay, burger, stand):
    now = timezone.now()
    stand.makes_at_once = 1
    stand.save()
    first = ordered(fay, (burger, 1), now=now)
    second = ordered(fay, (burger, 1), now=now)
    assert (first.promised_at - now, second.promised_at - now) == (timedelta(minutes=5), timedelta(minutes=10))
    bring_to(first, "ready")
    bring_to(second, "ready", "pick-up")
    assert ahead_at([stand.pk]) == {stand.pk: 0}
    assert ordered(fay, (burger, 1), now=now).promised_at == now + timedelta(minutes=5)


def test_paying_for_food_costs_no_more_for_a_longer_cart(fay, venue, stand, burger):
    ordered(fay, (burger, 1))  # what is made once in a venue's life
    beer = ProductVariantFactory(product__outlet=OutletFactory(venue=venue))
    with CaptureQueriesContext(connection) as short:
        order_food(fay, (burger, 1), (beer, 1))
    more = [(ProductVariantFactory(product__outlet=burger.product.outlet, price=0), 1) for _ in range(6)]
    with CaptureQueriesContext(connection) as long:
        order_food(fay, (burger, 1), (beer, 1), *more)
    # Each thing's stock is held, and sold, by an UPDATE of its own.
    assert len(long) - len(short) == 2 * len(more)
